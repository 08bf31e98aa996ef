import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConsumeBench, numbersOf, sorted, upTo } from '../support/consume-bench.ts'
import { type MqResult, mq } from '../support/mq.ts'

let bench: ConsumeBench
let topic: string
beforeAll(async () => {
  bench = await ConsumeBench.start()
  topic = await bench.topicWith(40)
})
afterAll(() => bench.close())

function peek(...args: string[]): Promise<MqResult> {
  return mq(['messages', 'peek', ...args, '-n', bench.broker.address])
}

describe('messages peek', () => {
  test('shows ten messages unless told otherwise, and leaves no trace', async () => {
    const ten = await peek(topic, '-o', 'raw')
    const again = await peek(topic, '-o', 'raw', '-m', '1000')
    const groups = await bench.client.remoting.invoke(bench.broker.address, 'queryTopicConsumeByWho', { topic })

    expect(numbersOf(ten.stdout)).toHaveLength(10)
    expect(sorted(numbersOf(again.stdout))).toEqual(upTo(40))
    expect([ten.code, again.code, groups.body.groupList]).toEqual([0, 0, []])
  })

  test('looks where it is told: a position, a tail, one queue, a filter', async () => {
    const from = await peek(topic, '--from', '=8', '--queue', 'broker-a:1', '-o', 'raw')
    const tail = await peek(topic, '--tail', '1', '-o', 'raw')
    const found = await peek(topic, '--key', 'key-3*', '--tags', 'even', '-o', 'raw')

    expect(numbersOf(from.stdout)).toEqual([33, 37])
    expect(sorted(numbersOf(tail.stdout))).toEqual([37, 38, 39, 40])
    expect(sorted(numbersOf(found.stdout))).toEqual([30, 32, 34, 36, 38])
  })

  test('ends at once with an empty topic, and with 7 without one', async () => {
    const empty = await peek(await bench.topicWith(0))
    const none = await peek('t1-order')

    expect([empty.code, empty.stdout, none.code]).toEqual([0, '', 7])
    expect(none.stderr).toContain('did you mean t1-orders?')
  })

  test.each([['=99'], ['committed'], ['yesterday']])('refuses to begin at %s', async (from) => {
    expect((await peek(topic, '--from', from)).code).toBe(from === '=99' ? 3 : 2)
  })
})
