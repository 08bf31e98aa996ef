import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LetterJson } from '../../src/cli/dlq/letter.ts'
import type { MessageJson } from '../../src/cli/message-json.ts'
import { decodeOffsetMessageId } from '../../src/core/protocol/index.ts'
import { numbersOf, sorted } from '../support/consume-bench.ts'
import { type MqResult, mq } from '../support/mq.ts'
import { OffsetsBench } from '../support/offsets-bench.ts'

let bench: OffsetsBench
let topic: string
let other: string
let originals: MessageJson[]
beforeAll(async () => {
  bench = await OffsetsBench.start()
  topic = await bench.consume.topicWith(8)
  other = await bench.consume.topicWith(2)
  await bench.commit('billing', topic, [2, 2, 2, 2])
  originals = await giveUp('billing', topic)
  await giveUp('billing', other)
  await bench.commit('healthy', topic, [1])
})
afterAll(() => bench.close())

function dlq(...args: string[]): Promise<MqResult> {
  return mq(['dlq', ...args, '-n', bench.consume.broker.address])
}

function lines<T>({ stdout }: MqResult): T[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)
}

/** Makes dead letters of all messages of a topic; resolves with these. */
async function giveUp(group: string, from: string): Promise<MessageJson[]> {
  const { client, broker } = bench.consume
  const messages = lines<MessageJson>(await mq(bench.consume.consume(from, '--from', 'first', '--until-caught-up')))
  for (const { offsetMsgId } of messages) {
    const offset = decodeOffsetMessageId(offsetMsgId).commitLogOffset
    await client.remoting.invoke(broker.address, 'consumerSendMsgBack', { offset, group, delayLevel: -1 })
  }
  return messages
}

describe('dlq list', () => {
  test('tells which groups have dead letters, how many and since when', async () => {
    const { stdout, code } = await dlq('list', '--json')
    const { groups, partial } = JSON.parse(stdout) as { groups: Record<string, unknown>[]; partial: boolean }

    expect([code, partial]).toEqual([0, false])
    expect(groups).toMatchObject([{ group: 'billing', topic: '%DLQ%billing', count: 10, brokers: ['broker-a'] }])
    expect(String(groups[0]?.['oldest']) <= String(groups[0]?.['newest'])).toBe(true)
  })

  test('of groups that are named tells those, and 7 of one that is not there', async () => {
    const named = await dlq('list', '-g', 'billing', '-o', 'table')
    const healthy = await dlq('list', '-g', 'healthy', '-o', 'table')
    const missing = await dlq('list', '-g', 'biling')

    expect(named.stdout).toMatch(/^GROUP +COUNT +OLDEST +NEWEST\nbilling +10 +\S+Z +\S+Z\n$/)
    expect([healthy.code, healthy.stderr]).toEqual([0, 'no groups\n'])
    expect([missing.code, missing.stderr]).toEqual([7, 'error: no such group: biling\n  did you mean billing?\n'])
  })
})

describe('dlq show', () => {
  test('shows each letter with the topic and the id it had, and how often it was tried', async () => {
    const letters = lines<LetterJson>(await dlq('show', '-g', 'billing', '--topic', topic))

    expect(letters.map(({ originMsgId }) => originMsgId)).toEqual(originals.map(({ offsetMsgId }) => offsetMsgId))
    expect(letters.map(({ msgId }) => msgId)).toEqual(originals.map(({ msgId }) => msgId))
    expect(letters[0]).toMatchObject({ topic: '%DLQ%billing', originTopic: topic, reconsumeTimes: 1, queue: 0 })
    expect(letters[0]?.bornTime).toBe(originals[0]?.bornTime)
  })

  test('shows some of many and says so, and chooses by key', async () => {
    const some = await dlq('show', '-g', 'billing', '-m', '3', '-o', 'table')
    const chosen = lines<LetterJson>(
      await dlq('show', '-g', 'billing', '--topic', topic, '--key', 'key-[1-9]', '--key', 'key-7'),
    )

    expect(some.stdout).toMatch(/^LETTER +TOPIC +ORIGIN +TIMES +BORN +STORED +KEYS +BODY\n(?:broker-a:0:\d.*\n){3}$/)
    expect(some.stderr).toBe('these are the first 3; the group has 10 dead letters (-m shows more)\n')
    expect(chosen.map(({ body }) => body)).toEqual(['7'])
  })
})

describe('dlq export', () => {
  test('writes what produce sends home', async () => {
    const file = bench.consume.file('letters.jsonl')
    const exported = await dlq('export', '-g', 'billing', '--topic', topic, file)
    const home = await bench.consume.topicWith(0)
    const produced = await mq(['produce', home, '-n', bench.consume.broker.address, '--input', 'jsonl'], {
      input: readFileSync(file, 'utf8'),
    })
    const back = await mq(bench.consume.consume(home, '--from', 'first', '--until-caught-up', '-o', 'raw'))

    expect([exported.code, exported.stderr]).toEqual([0, `8 dead letters of billing in ${file}\n`])
    expect(produced.code).toBe(0)
    expect(sorted(numbersOf(back.stdout))).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })

  test('to stdout writes lines, of a group without dead letters none', async () => {
    const all = await dlq('export', '-g', 'billing', '-')
    const none = await dlq('export', '-g', 'healthy', '-')
    const missing = await dlq('export', '-g', 'biling', '-')

    expect(lines(all)).toHaveLength(10)
    expect([none.code, none.stdout, none.stderr]).toEqual([0, '', '0 dead letters of healthy\n'])
    expect(missing.code).toBe(7)
  })
})
