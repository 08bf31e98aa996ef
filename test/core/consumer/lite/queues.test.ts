import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LitePullConsumer } from '../../../../src/core/consumer/index.ts'
import { NotFoundError, UsageError } from '../../../../src/core/errors.ts'
import { LiteGroup, numbers, range } from '../../../support/lite-group.ts'

const queue = (queueId: number) => ({ topic: 'orders', brokerName: 'broker-a', queueId })

let group: LiteGroup
beforeEach(async () => {
  group = await LiteGroup.create(4)
})
afterEach(() => group.close())

const idsOf = (consumer: LitePullConsumer) => consumer.assignment.map(({ queueId }) => queueId).sort()

describe('assigning by hand', () => {
  it('takes exactly the queues that are named, and others when they are', async () => {
    await group.topic.produce(40)
    const consumer = group.build()
    consumer.assign([queue(2), queue(0), queue(2)])
    await group.settled(consumer.start())
    await group.topic.until(() => consumer.assignment.length === 2)
    expect(numbers(await group.drain(consumer))).toEqual(range(0, 40).filter((number) => number % 2 === 0))

    consumer.assign([queue(2), queue(3)])
    await group.topic.until(() => idsOf(consumer).join() === '2,3')

    expect(numbers(await group.drain(consumer))).toEqual(range(0, 40).filter((number) => number % 4 === 3))
    await group.cluster.clock.advance(6000)
    expect(await group.topic.committed()).toEqual([10, undefined, 10, 10])
  })

  it('leaves the shares of others alone', async () => {
    const member = await group.join()
    const other = group.build({ group: 'g' })
    other.assign([queue(1)])
    await group.settled(other.start())
    await group.cluster.clock.advance(60_000)

    expect([idsOf(member), idsOf(other)]).toEqual([[0, 1, 2, 3], [1]])
  })

  it('may be followed by a seek at once, also before the start', async () => {
    await group.topic.produce(40)
    const consumer = group.build()
    consumer.assign([queue(0), queue(1)])
    await group.settled(consumer.seek(queue(0), 8))
    await group.settled(consumer.start())
    const seeking = consumer.seekToEnd(queue(1))
    await group.settled(seeking)

    const messages = await group.drain(consumer)

    expect(messages.map(({ queueId, queueOffset }) => [queueId, queueOffset])).toEqual([
      [0, 8],
      [0, 9],
    ])
  })

  it('filters by what is subscribed along with it', async () => {
    const producer = group.cluster.producer(group.cluster.client())
    for (const tags of ['a', 'b']) {
      await producer.send({ topic: 'orders', body: Buffer.from('1'), tags }, { selector: () => queue(0) })
    }
    const consumer = group.build()
    consumer.assign([queue(0)], [{ topic: 'orders', tags: 'b' }])
    await group.settled(consumer.start())

    expect((await group.drain(consumer)).map(({ tags }) => tags)).toEqual(['b'])
  })

  it('and subscribing exclude each other', () => {
    const assigned = group.build()
    assigned.assign([queue(0)])
    expect(() => assigned.subscribe({ topic: 'orders' })).toThrow(/mutually exclusive/)
    const subscribed = group.build()
    subscribed.subscribe({ topic: 'orders' })
    expect(() => subscribed.assign([queue(0)])).toThrow(UsageError)
  })
})

describe('subscribing', () => {
  it('is possible after the start, and is undone by unsubscribing', async () => {
    await group.topic.produce(8)
    const consumer = group.build()
    await group.settled(consumer.start())
    await group.cluster.clock.advance(5000)
    expect(consumer.assignment).toEqual([])

    consumer.subscribe({ topic: 'orders' })
    await group.topic.until(() => consumer.assignment.length === 4, 1000, 10)
    await group.cluster.clock.advance(1000)
    consumer.unsubscribe('orders')
    await group.cluster.clock.advance(100)

    expect(consumer.assignment).toEqual([])
    expect(await group.settled(consumer.poll(1000))).toEqual([])
  })
})

describe('pausing', () => {
  it('keeps a queue back until it is resumed, also what was pulled already', async () => {
    await group.topic.produce(40)
    const consumer = await group.join()
    await group.cluster.clock.advance(1000)

    consumer.pause([queue(1), queue(3)])
    expect(numbers(await group.drain(consumer))).toEqual(range(0, 40).filter((number) => number % 2 === 0))
    const poll = consumer.poll(60_000)
    consumer.resume([queue(3)])
    const first = await group.settled(poll, 1)
    expect(numbers([...first, ...(await group.drain(consumer))])).toEqual(
      range(0, 40).filter((number) => number % 4 === 3),
    )
    consumer.resume([queue(1)])
    expect(await group.drain(consumer)).toHaveLength(10)
  })
})

describe('the queues of a topic', () => {
  it('are told, and told again when they are others', async () => {
    const consumer = await group.join()
    const told: number[] = []
    const stop = consumer.onTopicQueuesChanged('orders', (queues) => told.push(queues.length))
    expect((await consumer.fetchMessageQueues('orders')).map(({ queueId }) => queueId)).toEqual([0, 1, 2, 3])
    await expect(consumer.fetchMessageQueues('nothing')).rejects.toThrow(NotFoundError)

    const resize = (queues: number) =>
      group.settled(
        group.cluster.client().remoting.invoke(group.cluster.broker.address, 'updateAndCreateTopic', {
          topic: 'orders',
          defaultTopic: 'TBW102',
          readQueueNums: queues,
          writeQueueNums: queues,
          perm: 6,
          topicFilterType: 'SINGLE_TAG',
          topicSysFlag: 0,
          order: false,
        }),
      )
    await resize(6)
    await group.cluster.clock.advance(31_000)
    await group.topic.until(() => consumer.assignment.length === 6)
    stop()
    await resize(8)
    await group.topic.until(() => consumer.assignment.length === 8)

    expect(told).toEqual([6])
  })
})

it.each([
  [{ autoCommitIntervalMs: 999 }, 'autoCommitIntervalMs'],
  [{ pullThresholdForAll: 0 }, 'pullThresholdForAll'],
  [{ consumeMaxSpan: 65_536 }, 'consumeMaxSpan'],
  [{ pullBatchSize: 0 }, 'pullBatchSize'],
  [{ group: 'not a name' }, 'not a name'],
])('a consumer cannot be built with %j', (parts, named) => {
  const build = () => new LitePullConsumer(group.cluster.client(), { group: 'g', ...parts })

  expect(build).toThrow(UsageError)
  expect(build).toThrow(named)
})
