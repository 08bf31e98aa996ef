import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ConsumeConcurrentlyStatus } from '../../../../src/core/consumer/index.ts'
import { ConsumerGroup, type MemberOptions } from '../../../support/consumer-group.ts'
import { EmbeddedCluster } from '../../../support/embedded-cluster.ts'

let cluster: EmbeddedCluster
let group: ConsumerGroup

beforeEach(async () => {
  cluster = await EmbeddedCluster.start()
  group = await ConsumerGroup.create(cluster, 4)
})

afterEach(async () => {
  await cluster.close()
})

/** What an operator does with `mqadmin setConsumeMode`. */
async function setMode(mode: 'POP' | 'PULL'): Promise<void> {
  const body = { topic: group.topic, consumerGroup: group.group, mode, popShareQueueNum: 0 }
  await cluster.client().remoting.invoke(cluster.broker.address, 'setMessageRequestMode', { body })
}

const popping = ({ consumer }: Awaited<ReturnType<ConsumerGroup['join']>>): boolean => consumer.popQueues.length > 0
const join = (options: MemberOptions = {}) => group.join({ popInvisibleTime: 6000, ...options })

/** A call that takes so long, in virtual time. */
const slow =
  (ms: number): (() => Promise<ConsumeConcurrentlyStatus>) =>
  async () => {
    await cluster.clock.sleep(ms)
    return 'CONSUME_SUCCESS'
  }

describe('a group whose broker asks for POP', () => {
  beforeEach(() => setMode('POP'))

  it('consumes every message once, whichever member gets it, and pulls only its retry topic', async () => {
    await group.produce(100)
    const members = [await join(), await join()]
    await group.until(() => members.every(popping))
    await group.produce(100)
    await group.drained()
    await cluster.clock.advance(30_000)

    expect(group.duplicates).toBe(0)
    expect(members.map((member) => group.owned(member))).toEqual([[], []])
    expect(members[0]?.consumer.popQueues[0]?.messageQueue).toEqual({
      topic: 'orders',
      brokerName: 'broker-a',
      queueId: -1,
    })
    expect(members[0]?.consumer.caughtUp).toBe(true)
  })

  it('keeps a message of a slow call hidden until the call has ended, and acknowledges it then', async () => {
    const member = await join({ listener: slow(40_000) })
    await group.until(() => popping(member))
    await group.produce(1)
    await cluster.clock.advance(60_000)
    expect(group.consumed).toHaveLength(1)
    await cluster.clock.advance(60_000)
    expect(group.consumed).toHaveLength(1)
  })

  it('keeps messages hidden that wait for their turn', async () => {
    const member = await join({ listener: slow(5000), concurrency: 1 })
    await group.produce(12)
    await group.until(() => popping(member))
    await group.drained()
    await cluster.clock.advance(30_000)
    expect(group.consumed.map(({ reconsumeTimes }) => reconsumeTimes)).toEqual(Array(12).fill(0))
  })

  it('lets a failed message come again after 10 s, then 30 s, counted', async () => {
    const member = await join({
      listener: () => (group.consumed.length < 3 ? 'RECONSUME_LATER' : 'CONSUME_SUCCESS'),
    })
    await group.until(() => popping(member))
    await group.produce(1)
    await group.until(() => group.consumed.length === 3)
    await cluster.clock.advance(120_000)

    expect(group.consumed.map(({ reconsumeTimes, queueTopic }) => [reconsumeTimes, queueTopic])).toEqual([
      [0, 'orders'],
      [1, 'orders'],
      [2, 'orders'],
    ])
    const [first, second, third] = group.consumed.map(({ at }) => at)
    expect([Math.round((second! - first!) / 1000), Math.round((third! - second!) / 1000)]).toEqual([10, 30])
  })

  it('buries what has failed too often, and what its listener gives up', async () => {
    const member = await join({
      maxReconsumeTimes: 1,
      listener: (messages, context) => {
        if (messages[0]?.body.toString() === '1') context.delayLevelWhenNextConsume = -1
        return 'RECONSUME_LATER'
      },
    })
    await group.until(() => popping(member))
    await group.produce(2)
    await group.until(() => group.consumed.length === 3)
    await cluster.clock.advance(120_000)

    expect(group.consumed.map(({ body }) => body).sort()).toEqual(['0', '0', '1'])
    const dlq = { topic: '%DLQ%g', brokerName: 'broker-a', queueId: 0 }
    expect(await cluster.client().queueOffsets.max(dlq)).toBe(2)
  })

  it('gives what a member had not begun to the others soon after it has left', async () => {
    const member = await join({ listener: slow(3000), concurrency: 1, popInvisibleTime: 60_000 })
    await group.produce(10)
    await group.until(() => group.consumed.length === 1)
    const left = member.leave()
    await cluster.clock.advance(10_000)
    await left
    const other = await join()
    await group.until(() => popping(other))
    await group.drained(5000)
    await cluster.clock.advance(90_000)
    expect(group.consumed).toHaveLength(10)
  })

  it('gives everything of a member that died to the others after the invisible time', async () => {
    const dead = await join({ listener: () => new Promise(() => undefined), popInvisibleTime: 20_000 })
    await group.produce(10)
    await group.until(() => popping(dead) && group.consumed.length === 10)
    await dead.client.close()
    group.consumed.length = 0
    const other = await join()
    await cluster.clock.advance(18_000)
    expect(group.consumed).toEqual([])
    await group.until(() => group.consumed.length === 10, 10_000)
    expect(group.duplicates).toBe(0)
    expect(group.consumed.map(({ reconsumeTimes }) => reconsumeTimes)).toEqual(Array(10).fill(1))
    expect(popping(other)).toBe(true)
  })

  it('acknowledges again when the connection broke', async () => {
    const member = await join({ listener: slow(1000) })
    await group.until(() => popping(member))
    await group.produce(1)
    await group.until(() => group.consumed.length === 1)
    cluster.refuseConnections(true)
    await cluster.clock.advance(2500)
    cluster.refuseConnections(false)
    await cluster.clock.advance(60_000)
    expect(group.consumed).toHaveLength(1)
  })

  it('does not pop while it is paused', async () => {
    const member = await join()
    await group.until(() => popping(member))
    member.consumer.pause()
    await cluster.clock.advance(16_000)
    await group.produce(4)
    await cluster.clock.advance(16_000)
    expect(group.consumed).toEqual([])
    member.consumer.resume()
    await group.drained()
  })

  it('shows what it pops in its running info', async () => {
    const member = await join({ listener: slow(1000) })
    await group.until(() => popping(member))
    await group.produce(3)
    await cluster.clock.settle()
    const asked = { consumerGroup: 'g', clientId: member.client.clientId }
    const { body } = await cluster.client().remoting.invoke(cluster.broker.address, 'getConsumerRunningInfo', asked)
    const [queue, info] = body.mqPopTable[0]!
    expect(queue).toEqual({ topic: 'orders', brokerName: 'broker-a', queueId: -1 })
    expect(info).toMatchObject({ droped: false, waitAckCount: 3 })
  })
})

describe('a group that goes over', () => {
  it.each([1, 2])('from PULL to POP and back with %i members loses nothing, while messages come', async (count) => {
    const members = await Promise.all(Array.from({ length: count }, () => join({ listener: slow(300) })))
    let mode: 'PULL' | 'POP' = 'PULL'
    for (let round = 0; round < 6; round++) {
      for (let second = 0; second < 8; second++) {
        await group.produce(20)
        await cluster.clock.advance(1000)
      }
      mode = mode === 'PULL' ? 'POP' : 'PULL'
      await setMode(mode)
    }
    await group.drained()
    await cluster.clock.advance(60_000)
    // Two members cannot go over at the very same time.
    expect(group.duplicates).toBeLessThanOrEqual(count === 1 ? 0 : 20)
    expect(members.map(popping)).toEqual(members.map(() => false))
    expect((await group.committed()).map(Number)).toEqual(await group.ends())
  })

  it('back to PULL gets what a dead member had popped, under the name of its topic', async () => {
    await setMode('POP')
    const dead = await join({ listener: () => new Promise(() => undefined) })
    await group.produce(4)
    await group.until(() => popping(dead) && group.consumed.length === 4)
    await dead.client.close()
    await setMode('PULL')
    group.consumed.length = 0
    const topics: string[] = []
    await join({
      listener: ([message]) => {
        topics.push(message?.topic ?? '')
        return 'CONSUME_SUCCESS'
      },
    })
    await group.until(() => group.consumed.length === 4, 120_000)
    expect(topics).toEqual(Array(4).fill('orders'))
    expect(group.consumed[0]?.queueTopic).toBe('%RETRY%g_orders')
  })

  it('is not asked where that is off', async () => {
    await setMode('POP')
    const member = await join({ popMode: 'off' })
    await group.produce(8)
    await group.drained()
    expect(popping(member)).toBe(false)
    expect(group.owned(member)).toEqual([0, 1, 2, 3])
  })
})
