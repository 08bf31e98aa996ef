import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UsageError } from '../../../../src/core/errors.ts'
import { LiteGroup, numbers, range } from '../../../support/lite-group.ts'

let group: LiteGroup
beforeEach(async () => {
  group = await LiteGroup.create(4)
})
afterEach(() => group.close())

describe('LitePullConsumer.poll', () => {
  it('hands out every message once, each queue in order, one queue at a time', async () => {
    await group.topic.produce(100)
    const consumer = await group.join()
    const batches: string[] = []
    const all: number[] = []
    for (;;) {
      const messages = await group.settled(consumer.poll(1000))
      if (messages.length === 0) break
      expect(messages.length).toBeLessThanOrEqual(10)
      batches.push([...new Set(messages.map(({ queueId }) => queueId))].join())
      all.push(...numbers(messages))
    }

    expect([...all].sort((a, b) => a - b)).toEqual(range(0, 100))
    // Nobody waits while another queue is emptied.
    expect(new Set(batches.slice(0, 4))).toEqual(new Set(['0', '1', '2', '3']))
    for (const queueId of range(0, 4)) {
      const offsets = all.filter((number) => number % 4 === queueId)
      expect(offsets).toEqual([...offsets].sort((a, b) => a - b))
    }
  })

  it('has its share of the queues at once after the start', async () => {
    const consumer = group.build()
    consumer.subscribe({ topic: 'orders' })
    const { clock } = group.cluster
    const begun = clock.monotonic()

    await group.settled(consumer.start(), 1)
    await group.topic.until(() => consumer.assignment.length === 4, 1000, 1)

    expect(clock.monotonic() - begun).toBeLessThan(100)
  })

  it('returns at once when something comes while it waits', async () => {
    const consumer = await group.join()
    await group.drain(consumer)
    const { clock } = group.cluster
    const begun = clock.monotonic()

    const poll = consumer.poll(60_000)
    await group.topic.produce(1)

    expect(numbers(await group.settled(poll, 1))).toEqual([0])
    expect(clock.monotonic() - begun).toBeLessThan(1000)
  })

  it('returns nothing when its time is over, or when the consumer is closed meanwhile', async () => {
    const consumer = await group.join()
    const { clock } = group.cluster
    const begun = clock.monotonic()
    expect(await group.settled(consumer.poll(700), 1)).toEqual([])
    expect(clock.monotonic() - begun).toBe(700)
    expect(await consumer.poll(0)).toEqual([])

    const poll = consumer.poll(60_000)
    await group.settled(consumer.close())

    expect(await poll).toEqual([])
  })

  it('is refused before the start, after the end, while another waits, and for a time below 0', async () => {
    const idle = group.build()
    await expect(idle.poll()).rejects.toThrow(/not running/)
    const consumer = await group.join()
    await expect(consumer.poll(-1)).rejects.toThrow(UsageError)
    const first = consumer.poll(100)
    await expect(consumer.poll(100)).rejects.toThrow(/another poll/)
    await group.settled(first)
    await group.settled(consumer.close())
    await expect(consumer.poll()).rejects.toThrow(/not running/)
  })

  it('filters by tags', async () => {
    const client = group.cluster.client()
    const producer = group.cluster.producer(client)
    for (const tags of ['a', 'b', 'a']) await producer.send({ topic: 'orders', body: Buffer.from('1'), tags })
    const consumer = group.build()
    consumer.subscribe({ topic: 'orders', tags: 'b || c' })
    await group.settled(consumer.start())

    const messages = await group.drain(consumer)

    expect(messages.map(({ tags }) => tags)).toEqual(['b'])
    // What was filtered is passed over for good.
    await group.settled(consumer.commit())
    const committed = await group.topic.committed()
    expect(committed.reduce<number>((sum, offset) => sum + (offset ?? 0), 0)).toBe(3)
  })

  it('pulls ahead no more than it is allowed to hold', async () => {
    await group.topic.produce(2000)
    const consumer = await group.join({ pullThresholdForAll: 40, pullBatchSize: 5 })
    await group.cluster.clock.advance(5000)
    const held = range(0, 4).map((queueId) => consumer.position({ topic: 'orders', brokerName: 'broker-a', queueId }))
    expect(held).toEqual([0, 0, 0, 0])
    const { runningInfo } = await runningInfoOf(consumer.group)
    const cached = runningInfo.mqTable.map(([, info]) => info.cachedMsgCount)
    expect(Math.max(...cached)).toBeLessThanOrEqual(15)

    expect(numbers(await group.drain(consumer))).toEqual(range(0, 2000))
  })
})

/** What the broker is told when it asks the consumer what it does. */
async function runningInfoOf(consumerGroup: string) {
  const { remoting } = group.cluster.client()
  const { address } = group.cluster.broker
  const { body: members } = await remoting.invoke(address, 'getConsumerListByGroup', { consumerGroup })
  const [clientId = ''] = members.consumerIdList
  const request = { consumerGroup, clientId, jstackEnable: false }
  const { body: runningInfo } = await group.settled(remoting.invoke(address, 'getConsumerRunningInfo', request), 1)
  return { runningInfo }
}

describe('a group of consumers that poll', () => {
  it('shares the queues anew when one joins: what was handed out is finished first, and nothing comes twice', async () => {
    await group.topic.produce(400)
    const first = await group.join()
    const seen = numbers(await group.settled(first.poll()))

    const second = group.build()
    second.subscribe({ topic: 'orders' })
    const starting = second.start()
    for (let i = 0; i < 20; i++) {
      await group.cluster.clock.advance(100)
      seen.push(...numbers(await group.settled(first.poll(10), 1)))
    }
    await starting
    await group.topic.until(() => first.assignment.length === 2 && second.assignment.length === 2)
    for (const consumer of [first, second, first, second]) seen.push(...numbers(await group.drain(consumer)))

    expect(seen.sort((a, b) => a - b)).toEqual(range(0, 400))
  })

  it('tells who has which queues, and takes over those of one that leaves', async () => {
    const told: string[] = []
    const onQueuesChanged = (topic: string, queues: readonly { readonly queueId: number }[]) => {
      told.push(`${topic} ${queues.map(({ queueId }) => queueId).join()}`)
    }
    const first = await group.join({ onQueuesChanged })
    const second = await group.join()
    await group.topic.until(() => first.assignment.length === 2)
    await group.settled(second.close())
    await group.topic.until(() => first.assignment.length === 4)

    expect(told).toEqual(['orders 0,1,2,3', 'orders 0,1', 'orders 0,1,2,3'])
  })

  it('is at the broker as one that consumes actively, with no retry topic', async () => {
    await group.join()
    const { remoting } = group.cluster.client()
    const { body } = await remoting.invoke(group.cluster.broker.address, 'getConsumerConnectionList', {
      consumerGroup: 'g',
    })

    expect([body.consumeType, body.messageModel]).toEqual(['CONSUME_ACTIVELY', 'CLUSTERING'])
    expect([...body.subscriptionTable.keys()]).toEqual(['orders'])
    const { runningInfo } = await runningInfoOf('g')
    expect(runningInfo.properties.get('PROP_CONSUME_TYPE')).toBe('CONSUME_ACTIVELY')
  })
})
