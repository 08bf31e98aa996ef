import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EmbeddedBroker } from '../../src/core/broker/index.ts'
import { ClientInstance } from '../../src/core/client/index.ts'
import { decodeMessages, type MessageExt, PropertyName, TOOLS_GROUP } from '../../src/core/protocol/index.ts'
import { tcpConnect } from '../../src/core/remoting/index.ts'
import { silentLogger, systemClock } from '../../src/core/support/index.ts'
import { memoryBroker, mq, said } from '../support/mq.ts'

let broker: EmbeddedBroker
let client: ClientInstance

beforeAll(async () => {
  broker = await memoryBroker()
  client = new ClientInstance({
    nameServers: [broker.address],
    clientId: 'test',
    connect: tcpConnect(),
    clock: systemClock,
    logger: silentLogger,
  })
})
afterAll(async () => {
  await client.close()
  await broker.close()
})

/** Everything stored of a topic, queue by queue. */
async function stored(topic: string): Promise<MessageExt[][]> {
  const route = await client.routes.refresh(topic)
  const queues = route?.subscribeQueues ?? []
  return Promise.all(
    queues.map(async ({ queueId }) => {
      const all: MessageExt[] = []
      for (;;) {
        const answer = await client.remoting.invoke(broker.address, 'pullMessage', {
          consumerGroup: TOOLS_GROUP,
          topic,
          queueId,
          queueOffset: all.length,
          maxMsgNums: 1000,
          sysFlag: 4,
          commitOffset: 0,
          suspendTimeoutMillis: 0,
          subscription: '*',
          subVersion: 0,
          expressionType: 'TAG',
        })
        if (answer.outcome !== 'FOUND') return all
        all.push(...decodeMessages(answer.body))
      }
    }),
  )
}

const produce = (topic: string, ...flags: string[]): string[] => ['produce', topic, '-n', broker.address, ...flags]
const bodies = (messages: readonly MessageExt[][]): string[] => messages.flat().map(({ body }) => body.toString())

describe('one message', () => {
  test('carries what the flags say', async () => {
    const flags = ['--body', 'héllo', '--tags', 'created', '--key', 'a', '--key', 'b', '--prop', 'region=eu']
    const { code, stdout, stderr } = await mq(produce('one', ...flags, '--output', 'jsonl'))

    expect(code).toBe(0)
    expect(stderr).toContain('sent 1 message (6 B) to one in ')
    const [message] = (await stored('one')).flat()
    expect(message?.body.toString()).toBe('héllo')
    expect(message).toMatchObject({ tags: 'created', keys: ['a', 'b'] })
    expect(message?.getProperty('region')).toBe('eu')
    const { msgId, queueId, queueOffset } = message ?? {}
    expect(JSON.parse(stdout)).toEqual({ msgId, broker: 'broker-a', queue: queueId, offset: queueOffset })
  })

  test('goes to the queue that is named', async () => {
    expect((await mq(produce('queued', '--body', 'x', '--queue', 'broker-a:2'))).code).toBe(0)

    expect((await stored('queued')).map((queue) => queue.length)).toEqual([0, 0, 1, 0])
  })

  test('for a queue there is not is refused', async () => {
    const { code, stderr } = await mq(produce('queued', '--body', 'x', '--queue', 'broker-a:9'))

    expect(stderr).toMatch(/^error: .*queued.*queue/m)
    expect(code).toBe(7)
  })

  test('may be delayed: it is not there yet', async () => {
    expect((await mq(produce('later', '--body', 'x', '--delay', '10m'))).code).toBe(0)

    expect(bodies(await stored('later'))).toEqual([])
  })

  test('as JSON at the end says what was done', async () => {
    const { stdout } = await mq(produce('one', '--body', 'xyz', '--count', '3', '--json'))

    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      topic: 'one',
      sent: 3,
      failed: 0,
      bytes: 9,
      errors: [],
    })
  })
})

describe('lines of stdin', () => {
  test('are a message each, none lost and none twice', async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => String(i + 1))
    const { code, stderr } = await mq(produce('lines'), { input: `${lines.join('\n')}\n` })

    expect(code).toBe(0)
    expect(stderr).toContain('sent 20,000 messages')
    expect(bodies(await stored('lines')).sort((a, b) => Number(a) - Number(b))).toEqual(lines)
  })

  test('with one sharding key are in one queue, in order, also in batches', async () => {
    const lines = Array.from({ length: 500 }, (_, i) => String(i + 1))
    const input = lines.join('\n')
    await mq(produce('sharded', '--shard-key', 'k'), { input })
    await mq(produce('sharded', '--shard-key', 'k', '--batch', '64'), { input })

    const queues = (await stored('sharded')).filter((queue) => queue.length > 0)
    expect(bodies(queues)).toEqual([...lines, ...lines])
    expect(queues).toHaveLength(1)
    expect(queues[0]?.[0]?.getProperty(PropertyName.SHARDING_KEY)).toBe('k')
  })

  test('in batches and one-way all arrive', async () => {
    const input = Array.from({ length: 3000 }, (_, i) => String(i)).join('\n')
    expect((await mq(produce('fast', '--batch', '100'), { input })).code).toBe(0)
    const oneway = await mq(produce('fast', '--oneway'), { input })

    expect(oneway.stderr).toContain('one-way: whether they arrived is not known')
    expect(bodies(await stored('fast'))).toHaveLength(6000)
  })

  test('that are empty are left out, and it says how many', async () => {
    const { stderr } = await mq(produce('gaps'), { input: 'a\n\nb\n' })

    expect(stderr).toContain('sent 2 messages (2 B) to gaps')
    expect(stderr).toContain('1 empty line left out')
  })

  test('that end at once are no failure', async () => {
    const { code, stderr } = await mq(produce('gaps'), { input: '' })

    expect(stderr).toContain('sent 0 messages')
    expect(code).toBe(0)
  })

  test('one that is too long is told with its number, the others are sent, and the exit code is 6', async () => {
    const { code, stderr } = await mq(produce('long'), { input: `a\n${'x'.repeat(5_000_000)}\nb\n` })

    expect(stderr).toMatch(/^not sent: line 2 \(4.8 MiB\): /m)
    expect(stderr).toContain('sent 2 messages')
    expect(stderr).toContain('1 not sent')
    expect(bodies(await stored('long')).sort()).toEqual(['a', 'b'])
    expect(code).toBe(6)
  })
})

describe('JSON lines', () => {
  test('are sent again as they were, without what brokers add', async () => {
    const line = {
      topic: 'elsewhere',
      offset: 9,
      msgId: 'AC11000100002A9F0000000000000001',
      keys: ['k1', 'k2'],
      tags: 't',
      bodyBase64: Buffer.from([0, 255, 1]).toString('base64'),
      properties: { region: 'eu', REAL_TOPIC: 'x', RECONSUME_TIME: '3' },
      storeTime: '2026-11-20T10:00:00.000Z',
    }
    const { code } = await mq(produce('again', '--input', 'jsonl'), { input: `${JSON.stringify(line)}\n` })

    expect(code).toBe(0)
    const [message] = (await stored('again')).flat()
    expect(message?.body).toEqual(Buffer.from([0, 255, 1]))
    expect(message).toMatchObject({ tags: 't', keys: ['k1', 'k2'] })
    expect(message?.getProperty('region')).toBe('eu')
    expect(message?.getProperty('REAL_TOPIC')).toBeUndefined()
    expect(message?.msgId).not.toBe(line.msgId)
  })

  test('that are none are told, and when nothing was sent the exit code is that of the first', async () => {
    const { code, stderr } = await mq(produce('again', '--input', 'jsonl'), { input: 'nope\n{}\n' })

    expect(stderr).toMatch(/^not sent: line 1: it is not JSON/m)
    expect(stderr).toMatch(/^not sent: line 2: it has neither body nor bodyBase64$/m)
    expect(code).toBe(2)
  })
})

describe('a topic', () => {
  test('that the broker is going to make is announced, with one that is like it', async () => {
    await mq(['topics', 'create', 'payments', '-n', broker.address])
    const { code, stderr } = await mq(produce('paymnts', '--body', 'x'))

    expect(stderr).toContain('there is no topic paymnts yet (did you mean payments?)')
    expect(code).toBe(0)
  })

  test('with a bad name is refused before anything is started', async () => {
    const { code, stderr } = await mq(['produce', 'a b', '--body', 'x'])

    expect(stderr).toBe("error: the topic name 'a b' contains ' '; allowed are letters, digits, _ - % |\n")
    expect(code).toBe(2)
  })

  test("of the broker's own is refused", async () => {
    expect((await mq(produce('SCHEDULE_TOPIC_XXXX', '--body', 'x'))).code).toBe(2)
  })
})

describe('an interruption', () => {
  test('ends it in order: what was read is sent, and it says where it ended', async () => {
    const { code, stderr } = await mq(produce('cut', '--debug'), {
      during: async (child) => {
        child.stdin.write(Array.from({ length: 100 }, (_, i) => `${i}\n`).join(''))
        await said(child, 'sendMessageV2', 100)
        child.kill('SIGINT')
      },
    })

    expect(code).toBe(130)
    expect(stderr).toContain('sent 100 messages')
    expect(stderr).toContain('ended after line 100 of the input: what follows was not sent')
    expect(bodies(await stored('cut'))).toHaveLength(100)
  })

  test('by SIGTERM is 143', async () => {
    const { code } = await mq(produce('ended', '--debug'), {
      during: async (child) => {
        child.stdin.write('x\n')
        await said(child, 'sendMessageV2')
        child.kill('SIGTERM')
      },
    })

    expect(code).toBe(143)
  })

  test('by the deadline is told with the time, and is 5', async () => {
    const { code, stderr } = await mq(produce('cut', '--timeout', '1500ms'), { during: () => undefined })

    expect(stderr).toContain('error: the command was not done within 1.5 s (--timeout)')
    expect(code).toBe(5)
  })
})

test('a broker that is lost ends it: what was sent and what was not is told, and the exit code is 6', async () => {
  let result: Awaited<ReturnType<typeof mq>> | undefined
  await mq(['broker', 'start', '--in-memory', '--json'], {
    during: async (server) => {
      const told = new Promise<string>((resolve) => server.stdout.once('data', resolve))
      const { namesrv } = JSON.parse(await told) as { namesrv: string }
      result = await mq(['produce', 'lost', '-n', namesrv, '--debug'], {
        during: async (child) => {
          const lines = Array.from({ length: 100 }, (_, i) => `${i}\n`).join('')
          child.stdin.write(lines)
          await said(child, 'sendMessageV2', 100)
          server.kill('SIGKILL')
          child.stdin.write(lines.repeat(100))
        },
      })
    },
  })

  expect(result?.stderr).toMatch(/^not sent: line 101: /m)
  expect(result?.stderr).toContain('further failures are counted, not told')
  expect(result?.stderr).toMatch(/^sent 100 messages .*; \d+ not sent$/m)
  expect(result?.stderr).toMatch(/^ended after line \d+ of the input: what follows was not sent$/m)
  expect(result?.code).toBe(6)
})

test('a reader of the results that goes away does not keep messages from being sent', async () => {
  const input = Array.from({ length: 5000 }, (_, i) => String(i)).join('\n')
  const { code, stderr } = await mq(produce('unread', '--output', 'jsonl'), {
    input,
    during: (child) => {
      child.stdout.destroy()
    },
  })

  expect(stderr).toContain('sent 5,000 messages')
  expect(code).toBe(0)
  expect(bodies(await stored('unread'))).toHaveLength(5000)
})

test('--body leaves stdin to the loop around it', async () => {
  const { code } = await mq(produce('loop', '--body', 'x'), { input: 'not\nread\n' })

  expect(code).toBe(0)
  expect(bodies(await stored('loop'))).toEqual(['x'])
})
