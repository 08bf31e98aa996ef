import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RedriveItem } from '../../src/cli/dlq/send-home.ts'
import type { MessageJson } from '../../src/cli/message-json.ts'
import { decodeOffsetMessageId } from '../../src/core/protocol/index.ts'
import { ConsumeBench, upTo } from '../support/consume-bench.ts'
import { type MqResult, mq } from '../support/mq.ts'

let bench: ConsumeBench
beforeAll(async () => {
  bench = await ConsumeBench.start()
})
afterAll(() => bench.close())

function redrive(group: string, ...args: string[]): Promise<MqResult> {
  return mq(['dlq', 'redrive', '-g', group, '-n', bench.broker.address, ...args])
}

function lines<T>({ stdout }: MqResult): T[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)
}

async function messagesOf(topic: string): Promise<MessageJson[]> {
  return lines<MessageJson>(await mq(bench.consume(topic, '--from', 'first', '--until-caught-up', '-o', 'jsonl')))
}

/** A topic whose messages a group has all given up. */
async function givenUp(group: string, count: number): Promise<string> {
  const topic = await bench.topicWith(count)
  const request = { group }
  await bench.client.remoting.invoke(bench.broker.address, 'getSubscriptionGroupConfig', request)
  for (const { offsetMsgId } of await messagesOf(topic)) {
    const offset = decodeOffsetMessageId(offsetMsgId).commitLogOffset
    await bench.client.remoting.invoke(bench.broker.address, 'consumerSendMsgBack', { offset, group, delayLevel: -1 })
  }
  return topic
}

/** How often each body is in a topic, by number. */
async function copies(topic: string, count: number): Promise<number[]> {
  const bodies = (await messagesOf(topic)).map(({ body }) => Number(body))
  return upTo(count).map((n) => bodies.filter((body) => body === n).length)
}

describe('dlq redrive', () => {
  test('shows what it would do, and does nothing without a yes', async () => {
    const topic = await givenUp('careful', 8)
    const dry = await redrive('careful', '--dry-run')
    const planned = await redrive('careful', '--dry-run', '--json')
    const refused = await redrive('careful')

    expect([dry.code, dry.stdout]).toEqual([0, ''])
    expect(dry.stderr).toBe(`send 8 letters of careful to ${topic}, for all its groups\ndry run: nothing was changed\n`)
    expect(JSON.parse(planned.stdout)).toMatchObject({ plan: [{ topic, letters: 8, exists: true }], letters: [] })
    expect(refused.code).toBe(3)
    expect(await messagesOf(topic)).toHaveLength(8)
  })

  test('sends each letter to its topic, with the ids, keys, tags and body it had', async () => {
    const topic = await givenUp('billing', 8)
    const before = await messagesOf(topic)
    const result = await redrive('billing', '--yes', '--key', 'key-[1-4]')
    const chosen = await redrive('billing', '--yes', '--key', 'key-2')
    const copy = (await messagesOf(topic)).find(({ properties }) => properties['REDRIVEN_FROM'] !== undefined)
    const original = before.find(({ msgId }) => msgId === copy?.msgId)

    expect([result.code, lines(result)]).toEqual([0, []])
    expect([chosen.code, lines<RedriveItem>(chosen)]).toMatchObject([0, [{ topic, state: 'sent', broker: 'broker-a' }]])
    expect(chosen.stderr).toContain('1 of 1 letters are at home\n')
    expect(copy).toMatchObject({ body: '2', keys: ['key-2'], tags: 'even', reconsumeTimes: 0 })
    expect(copy?.properties['ORIGIN_MESSAGE_ID']).toBe(original?.offsetMsgId)
    expect(Object.keys(copy?.properties ?? {}).sort()).toEqual(['ORIGIN_MESSAGE_ID', 'REDRIVEN_FROM'])
  })

  test('killed in the middle and started again sends each letter once', async () => {
    const count = 400
    const topic = await givenUp('mailer', count)
    const file = bench.file('mailer.redrive')
    const args = ['--yes', '--checkpoint', file]
    const sentSoFar = (): number => (existsSync(file) ? readFileSync(file, 'utf8').split('"sent"').length - 1 : 0)
    const killed = await mq(['dlq', 'redrive', '-g', 'mailer', '-n', bench.broker.address, ...args, '--rate', '400'], {
      during: async (child) => {
        while (sentSoFar() < 50) await sleep(1)
        child.kill('SIGKILL')
      },
    })
    const before = sentSoFar()
    const again = await redrive('mailer', ...args)
    const third = await redrive('mailer', ...args)

    expect(killed.signal).toBe('SIGKILL')
    expect(before).toBeLessThan(count)
    expect(again.code).toBe(0)
    expect(lines(again)).toHaveLength(count - before)
    expect(await copies(topic, count)).toEqual(upTo(count).map(() => 2))
    expect([third.code, third.stdout, third.stderr]).toEqual([
      0,
      '',
      `${count} were sent before, as ${file} says\nnothing to send\n`,
    ])
  })

  test('looks up a letter of which it is not known whether it was sent', async () => {
    const topic = await givenUp('doubtful', 4)
    const file = bench.file('doubtful.redrive')
    await redrive('doubtful', '--yes', '--checkpoint', file)
    // As if it had been killed after a broker took the last letter, and while the answer was written down.
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.slice(0, -20))
    const found = await redrive('doubtful', '--yes', '--checkpoint', file)

    expect(lines<RedriveItem>(found)).toMatchObject([{ state: 'sent-before', topic }])
    expect([found.code, await copies(topic, 4)]).toEqual([0, [2, 2, 2, 2]])
  })

  test('does not make a topic anew, and says with 6 which letters stay', async () => {
    const topic = await givenUp('homeless', 2)
    await bench.client.remoting.invoke(bench.broker.address, 'deleteTopicInBroker', { topic })
    const { stdout, stderr, code } = await redrive('homeless', '--yes', '--json')
    const { letters } = JSON.parse(stdout) as { letters: RedriveItem[] }

    expect(code).toBe(6)
    expect(letters.map(({ state }) => state)).toEqual(['skipped', 'skipped'])
    expect(stderr).toContain(`2 letters of homeless stay: there is no topic ${topic} any more\n`)
  })

  test('refuses a checkpoint of something else, and 7 a group that is not there', async () => {
    await givenUp('one', 2)
    const file = bench.file('other.redrive')
    writeFileSync(file, 'my notes\n')
    const foreign = await redrive('one', '--yes', '--checkpoint', file)
    const missing = await redrive('onee', '--yes')

    expect(foreign.code).toBe(2)
    expect(readFileSync(file, 'utf8')).toBe('my notes\n')
    expect([missing.code, missing.stderr]).toEqual([7, 'error: no such group: onee\n  did you mean one?\n'])
  })
})
