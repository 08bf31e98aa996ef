import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { decodeMessages } from '../../../../src/core/protocol/index.ts'
import { ConsumerGroup } from '../../../support/consumer-group.ts'
import { EmbeddedCluster } from '../../../support/embedded-cluster.ts'

let cluster: EmbeddedCluster
let group: ConsumerGroup

beforeEach(async () => {
  cluster = await EmbeddedCluster.start()
  group = await ConsumerGroup.create(cluster, 2)
})

afterEach(() => cluster.close())

/** The records in the queues of a trace topic, each split into its fields. */
async function traces(topic: string, queues: number): Promise<string[][]> {
  const found = await Promise.all(Array.from({ length: queues }, (_, queueId) => tracesIn(topic, queueId)))
  return found.flat()
}

async function tracesIn(topic: string, queueId: number): Promise<string[][]> {
  const answer = await cluster.client().remoting.invoke(cluster.broker.address, 'pullMessage', {
    consumerGroup: 'TOOLS_CONSUMER',
    topic,
    queueId,
    queueOffset: 0,
    maxMsgNums: 32,
    sysFlag: 4,
    subscription: '*',
    subVersion: 0,
  })
  const messages = answer.outcome === 'FOUND' ? decodeMessages(answer.body) : []
  const records = messages.flatMap(({ body }) => body.toString().split('\u0002').filter(Boolean))
  return records.map((record) => record.split('\u0001'))
}

describe('tracing consumption', () => {
  it('writes a record before and one after each message to the trace topic, at the latest when it ends', async () => {
    const member = await group.join({
      trace: true,
      listener: ([message]) => (message?.body.toString() === '1' ? 'RECONSUME_LATER' : 'CONSUME_SUCCESS'),
    })
    await group.produce(2)
    await group.until(() => group.consumed.length === 2)
    await member.leave()

    const found = await traces('RMQ_SYS_TRACE_TOPIC', 1)
    const before = found.filter(([type]) => type === 'SubBefore')
    const after = found.filter(([type]) => type === 'SubAfter')
    expect(before.map(([, , region, name]) => [region, name])).toEqual([
      ['DefaultRegion', 'g'],
      ['DefaultRegion', 'g'],
    ])
    expect(after.map(([, request]) => request).sort()).toEqual(before.map(([, , , , request]) => request).sort())
    expect(after.map(([, , msgId, , success, , code]) => [success, code, msgId?.length]).sort()).toEqual([
      ['false', '4', 32],
      ['true', '0', 32],
    ])
  })

  it('goes to another topic if that is wanted, and harms nothing when brokers refuse it', async () => {
    const member = await group.join({ trace: { topic: 'my_traces' } })
    await group.produce(4)
    await group.drained()
    await member.leave()
    expect((await traces('my_traces', 4)).length).toBeGreaterThan(0)

    const refused = await group.join({ trace: { topic: 'SCHEDULE_TOPIC_XXXX' } })
    await group.produce(4)
    await group.drained()
    expect(group.duplicates).toBe(0)
    await Promise.all([refused.leave(), cluster.clock.advance(10_000)])
  })
})

describe('hooks of a consumer', () => {
  it('see each call, and take messages out that then count as consumed', async () => {
    const seen: string[] = []
    const member = await group.join({
      consumeHooks: [{ hookName: 'seeing', consumeMessageAfter: (_, { returnType }) => seen.push(returnType) }],
      filterHooks: [
        {
          hookName: 'odd',
          filterMessage: ({ messages }) => {
            const even = messages.filter(({ body }) => Number(body.toString()) % 4 === 0)
            messages.splice(0, messages.length, ...even)
          },
        },
      ],
    })
    await group.produce(40)
    await group.until(async () => (await group.committed()).every((offset) => offset === 20))

    expect([...group.bodies].map(Number).every((n) => n % 4 === 0)).toBe(true)
    expect(group.bodies.size).toBe(10)
    expect(seen).toEqual(new Array(10).fill('SUCCESS'))
    await member.leave()
  })
})
