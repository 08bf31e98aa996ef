import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { MessageJson } from '../../src/cli/message-json.ts'
import { ConsumeBench } from '../support/consume-bench.ts'
import { type MqResult, mq } from '../support/mq.ts'

let bench: ConsumeBench
let topic: string
beforeAll(async () => {
  bench = await ConsumeBench.start()
  topic = await bench.topicWith(40)
})
afterAll(() => bench.close())

function get(...args: string[]): Promise<MqResult> {
  return mq(['messages', 'get', ...args, '-n', bench.broker.address])
}

function messagesOf({ stdout }: MqResult): MessageJson[] {
  return (JSON.parse(stdout) as { messages: MessageJson[] }).messages
}

describe('messages get', () => {
  test('finds a message by its place, and then by either of its ids', async () => {
    const byPlace = await get(topic, 'broker-a:1:3', '--json')
    const [found] = messagesOf(byPlace)
    const byUniqKey = await get(topic, found?.msgId ?? '', '--json')
    const byOffsetId = await get(topic, found?.offsetMsgId.toLowerCase() ?? '', '--json')

    expect(found).toMatchObject({ topic, broker: 'broker-a', queue: 1, offset: 3, keys: ['key-13'], body: '13' })
    expect(found?.msgId).not.toBe(found?.offsetMsgId)
    expect([messagesOf(byUniqKey), messagesOf(byOffsetId)]).toEqual([[found], [found]])
    expect([byPlace.code, byUniqKey.code, byOffsetId.code]).toEqual([0, 0, 0])
  })

  test('finds all messages with a key, more of one second than a broker tells at once', async () => {
    const many = await bench.topicWith(0)
    const messages = Array.from({ length: 300 }, (_, i) => ({
      topic: many,
      body: Buffer.from(`n${i}`),
      keys: [i % 2 === 0 ? 'customer' : 'other', `k${i}`],
    }))
    for (let i = 0; i < 300; i += 50) await bench.producer.sendBatch(messages.slice(i, i + 50))

    const { stdout, stderr, code } = await get(many, '--key', 'customer')
    const bodies = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as MessageJson).body)

    expect(new Set(bodies)).toEqual(new Set(messages.filter((_, i) => i % 2 === 0).map(({ body }) => body.toString())))
    expect(bodies).toHaveLength(150)
    expect([stderr, code]).toEqual(['150 messages\n', 0])
  })

  test('shows a page, a table, or the body as it is', async () => {
    const body = Buffer.from([0, 0xff, 10])
    const { queueId, queueOffset } = await bench.producer.send({ topic, body }).then((sent) => ({
      queueId: sent.queue.queueId,
      queueOffset: sent.queueOffset,
    }))
    const place = `broker-a:${queueId}:${queueOffset}`

    const page = await get(topic, place, '-o', 'detail')
    const table = await get(topic, '--key', 'key-7', '-o', 'table')
    const raw = await bench.shell(`mq messages get ${topic} ${place} -o raw | od -An -tx1`)

    expect(page.stdout).toMatch(new RegExp(`^topic +${topic}\\nqueue +broker-a:${queueId}\\noffset +${queueOffset}\\n`))
    expect(page.stdout).toMatch(/\nbody +3 bytes, as Base64\n\nAP8K\n$/)
    expect(table.stdout).toMatch(/^QUEUE +OFFSET +STORED +MSGID +TAGS +KEYS +BODY\nbroker-a:3 +1 .* odd +key-7 +7\n$/)
    expect(raw.stdout).toBe(' 00 ff 0a\n')
  })

  test('says with 7 what is not there, and where it is instead', async () => {
    const [elsewhere] = messagesOf(await get(topic, 'broker-a:1:3', '--json'))
    const other = await bench.topicWith(1)
    const results = await Promise.all([
      get(topic, '7F00000100002A9F00000000000F4240'),
      get(topic, '--key', 'nobody'),
      get(topic, 'broker-a:1:999999'),
      get(topic, 'broker-a:9:0'),
      get(topic, 'broker-x:0:0'),
      get(other, elsewhere?.offsetMsgId ?? ''),
      get('t1-order', 'broker-a:0:0'),
    ])

    expect(results.map(({ code }) => code)).toEqual([7, 7, 7, 7, 7, 7, 7])
    expect(results.map(({ stdout }) => stdout).join('')).toBe('')
    const said = results.map(({ stderr }) => stderr)
    expect(said[1]).toBe(`error: no message of ${topic} has the key nobody\n`)
    expect(said[2]).toMatch(
      /^error: there is no message at offset 999999 of broker-a:1 of .*: it goes from 0 to \d+\n$/,
    )
    expect(said[3]).toContain('its queues are broker-a:0 to broker-a:3')
    expect(said[5]).toContain(`it is in another topic: mq messages get '${topic}' ${elsewhere?.offsetMsgId}`)
    expect(said[6]).toContain('did you mean t1-orders?')
  })

  test.each([
    [['broker-a:0:1', '--key', 'k']],
    [[]],
    [['broker-a:0']],
    [['broker-a:0:-1']],
    [['an id']],
    [['--key', 'a b']],
  ])('refuses %j as wrong usage', async (words) => {
    const { code, stderr } = await get(topic, ...words)

    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: /)
  })
})
