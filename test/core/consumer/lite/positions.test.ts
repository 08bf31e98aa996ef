import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LitePullConsumer } from '../../../../src/core/consumer/index.ts'
import { RocketMQError, UsageError } from '../../../../src/core/errors.ts'
import { LiteGroup, numbers, range } from '../../../support/lite-group.ts'
import { temporaryFolder } from '../../../support/mq.ts'

const queue = (queueId: number) => ({ topic: 'orders', brokerName: 'broker-a', queueId })

let group: LiteGroup
beforeEach(async () => {
  group = await LiteGroup.create(2)
})
afterEach(() => group.close())

const committed = () => group.topic.committed()
/** Polls once and says of which queue that was. */
async function pollOnce(consumer: LitePullConsumer): Promise<number | undefined> {
  const messages = await group.settled(consumer.poll())
  return messages[0]?.queueId
}

describe('committing by itself', () => {
  it('stores what earlier polls returned, and not what the last did', async () => {
    await group.topic.produce(20)
    const consumer = await group.join({ consumeFromWhere: { from: 'first' } })
    const first = (await pollOnce(consumer)) ?? 0
    await group.cluster.clock.advance(20_000)
    expect(await committed()).toEqual([0, 0])

    await pollOnce(consumer)
    await group.cluster.clock.advance(6000)
    expect((await committed())[first]).toBe(10)
    expect((await committed())[1 - first]).toBe(0)

    expect(await group.settled(consumer.poll(0))).toEqual([])
    await group.settled(consumer.close())
    expect(await committed()).toEqual([10, 10])
  })

  it('loses nothing that was being worked on when the consumer was closed or crashed', async () => {
    await group.topic.produce(20)
    const closed = await group.join()
    const lost = await group.settled(closed.poll())
    await group.settled(closed.close())

    const next = await group.join()
    const seen = numbers(await group.drain(next))

    expect(seen).toEqual(range(0, 20))
    expect(lost).toHaveLength(10)
  })
})

describe('committing by hand', () => {
  it('stores nothing but what it is told to, and has stored it when it resolves', async () => {
    await group.topic.produce(40)
    const consumer = await group.join({ autoCommit: false })
    await group.drain(consumer)
    await group.cluster.clock.advance(60_000)
    expect(await committed()).toEqual([undefined, undefined])

    await group.settled(consumer.commit())

    expect(await committed()).toEqual([20, 20])
    await group.topic.produce(2)
    await group.drain(consumer)
    await group.settled(consumer.close())
    expect(await committed()).toEqual([20, 20])
  })

  it('counts what the last poll returned', async () => {
    await group.topic.produce(20)
    const consumer = await group.join({ autoCommit: false })
    const polled = (await pollOnce(consumer)) ?? 0

    await group.settled(consumer.commit())

    expect((await committed())[polled]).toBe(10)
    expect((await committed())[1 - polled]).toBe(0)
  })

  it('of some queues leaves the others as they are', async () => {
    await group.topic.produce(40)
    const consumer = await group.join({ autoCommit: false })
    await group.drain(consumer)
    await group.settled(consumer.commit([queue(0)]))
    expect(await committed()).toEqual([20, undefined])

    await group.settled(consumer.commitOffsets([[queue(1), 7]]))
    expect(await committed()).toEqual([20, 7])
    await group.settled(consumer.commit())
    expect(await committed()).toEqual([20, 20])
    await expect(consumer.commitOffsets([[queue(9), 7]])).rejects.toThrow(UsageError)
    expect(await consumer.committed(queue(1))).toBe(20)
  })

  it('rejects when it could not be stored', async () => {
    await group.topic.produce(20)
    const consumer = await group.join({ autoCommit: false })
    await group.drain(consumer)
    group.cluster.refuseConnections(true)

    await expect(group.settled(consumer.commit())).rejects.toThrow(RocketMQError)

    group.cluster.refuseConnections(false)
    await group.cluster.clock.advance(30_000)
    await group.settled(consumer.commit())
    expect(await committed()).toEqual([10, 10])
  })
})

describe('seeking', () => {
  it('goes on at an offset, the beginning or the end; what was pulled before is not returned any more', async () => {
    await group.topic.produce(60)
    const consumer = await group.join()
    await group.cluster.clock.advance(1000)

    await group.settled(consumer.seek(queue(0), 25))
    await group.settled(consumer.seekToEnd(queue(1)))
    expect([consumer.position(queue(0)), consumer.position(queue(1))]).toEqual([25, 30])
    const offsets = (await group.drain(consumer)).map(({ queueId, queueOffset }) => [queueId, queueOffset])
    expect(offsets).toEqual(range(25, 30).map((offset) => [0, offset]))

    await group.settled(consumer.seekToBegin(queue(1)))
    expect(numbers(await group.drain(consumer))).toEqual(range(0, 60).filter((number) => number % 2 === 1))
  })

  it('takes back what the last poll returned of that queue', async () => {
    await group.topic.produce(20)
    const consumer = await group.join()
    const polled = (await pollOnce(consumer)) ?? 0

    await group.settled(consumer.seek(queue(polled), 4))
    const messages = await group.drain(consumer)
    await group.settled(consumer.close())

    const again = messages.filter(({ queueId }) => queueId === polled)
    expect(again.map(({ queueOffset }) => queueOffset)).toEqual(range(4, 10))
    expect(await committed()).toEqual([10, 10])
  })

  it('is not a commit: without one the group goes on where it had been', async () => {
    await group.topic.produce(40)
    const consumer = await group.join({ autoCommit: false })
    await group.drain(consumer)
    await group.settled(consumer.commit())
    await group.settled(consumer.seekToBegin(queue(0)))
    await group.drain(consumer)
    await group.settled(consumer.close())
    expect(await committed()).toEqual([20, 20])

    const other = await group.join({ autoCommit: false })
    await group.settled(other.seek(queue(1), 3))
    await group.settled(other.commit())
    expect(await committed()).toEqual([20, 3])
  })

  it('is refused outside of what is there, and in a queue it does not have', async () => {
    await group.topic.produce(20)
    const consumer = await group.join()

    await expect(group.settled(consumer.seek(queue(0), 11))).rejects.toThrow(/offset 11 .* goes from 0 to 10/)
    await expect(group.settled(consumer.seek(queue(0), -1))).rejects.toThrow(UsageError)
    consumer.unsubscribe('orders')
    await group.cluster.clock.advance(100)
    await expect(group.settled(consumer.seek(queue(0), 1))).rejects.toThrow(/is not held/)
  })

  it('finds the offset of a time', async () => {
    await group.topic.produce(20)
    const consumer = await group.join()
    await group.cluster.clock.advance(1000)
    const time = group.cluster.clock.now()
    await group.topic.produce(20)

    expect(await consumer.offsetForTimestamp(queue(1), time)).toBe(10)
  })
})

it('goes on where its broker is told to set the group, and commits that', async () => {
  await group.topic.produce(40)
  const consumer = await group.join()
  await group.drain(consumer)
  await group.settled(
    group.cluster.client().remoting.invoke(group.cluster.broker.address, 'invokeBrokerToResetOffset', {
      topic: 'orders',
      group: 'g',
      timestamp: 0,
      isForce: true,
      queueId: 1,
      offset: 15,
    }),
  )
  await group.cluster.clock.advance(25_000)
  expect(await committed()).toEqual([20, 15])

  const again = await group.drain(consumer)
  expect(again.map(({ queueId, queueOffset }) => [queueId, queueOffset])).toEqual(range(15, 20).map((at) => [1, at]))
})

it('keeps its offsets in a file when broadcasting', async () => {
  const folder = temporaryFolder()
  const parts = { messageModel: 'BROADCASTING', offsetsDirectory: folder.path, autoCommit: false } as const
  await group.topic.produce(20)
  const one = await group.join(parts)
  const two = await group.join(parts)
  expect([one, two].map(({ assignment }) => assignment.length)).toEqual([2, 2])
  expect(numbers(await group.drain(one))).toEqual(range(0, 20))
  expect(numbers(await group.drain(two))).toEqual(range(0, 20))

  await group.settled(one.commit())

  expect(await one.committed(queue(0))).toBe(10)
  expect(await two.committed(queue(0))).toBeUndefined()
  folder.remove()
})
