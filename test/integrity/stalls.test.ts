import { afterEach, beforeEach, expect, it } from 'vitest'
import type { ConsumeConcurrentlyStatus } from '../../src/core/consumer/index.ts'
import { ConsumerGroup } from '../support/consumer-group.ts'
import { EmbeddedCluster } from '../support/embedded-cluster.ts'
import { Gate } from '../support/gate.ts'

let cluster: EmbeddedCluster
let group: ConsumerGroup

beforeEach(async () => {
  cluster = await EmbeddedCluster.start()
  group = await ConsumerGroup.create(cluster, 4)
})

afterEach(() => cluster.close())

it('a queue whose listener never returns leaves the other queues at full rate', async () => {
  const { clock } = cluster
  const stuck = new Gate()
  const member = await group.join({
    listener: (_, { messageQueue }) =>
      messageQueue.queueId === 0 ? stuck.listener() : clock.sleep(10).then(() => 'CONSUME_SUCCESS' as const),
  })
  await group.produce(2000)
  const begun = clock.monotonic()
  const others = (): number => group.consumed.filter(({ queueId }) => queueId !== 0).length
  await group.until(() => others() === 1500, 10_000, 10)

  // Five of the 20 calls are left to them: 10 ms each makes 500 a second.
  expect(clock.monotonic() - begun).toBeLessThanOrEqual(3200)
  expect((await group.committed())[0] ?? 0).toBe(0)
  stuck.open()
  await Promise.all([member.leave(), clock.advance(1000)])
})

it('a stalled listener holds at the limits of flow control, however long it stalls, and loses no queue by that', async () => {
  const { clock } = cluster
  const gate = new Gate()
  const member = await group.join({ pullThresholdForQueue: 100, listener: gate.listener })
  await group.produce(2000)
  await clock.advance(10_000)
  const held = () => member.consumer.queues.filter(({ messageQueue }) => messageQueue.topic === group.topic)
  const processQueues = held().map(({ processQueue }) => processQueue)
  for (const { backlog } of processQueues) {
    expect(backlog.count).toBeGreaterThan(100)
    expect(backlog.count).toBeLessThanOrEqual(100 + 32)
  }

  await clock.advance(10 * 60_000)

  expect(held().map(({ processQueue }) => processQueue)).toEqual(processQueues)
  for (const { backlog } of processQueues) expect(backlog.count).toBeLessThanOrEqual(100 + 32)
  expect(group.consumed).toHaveLength(20)

  gate.open()
  await group.drained(20_000)
  expect(group.duplicates).toBe(0)
  await member.leave()
})

it('a pause holds what is not pulled yet, however long, and nothing comes twice after it', async () => {
  const member = await group.join()
  await group.produce(40)
  await group.drained()
  member.consumer.pause()
  // A pull that is held already may still bring something.
  await cluster.clock.advance(20_000)
  await group.produce(40)
  await cluster.clock.advance(10 * 60_000)
  expect(group.consumed).toHaveLength(40)

  member.consumer.resume()
  await group.drained(2000)

  expect(group.duplicates).toBe(0)
  await member.leave()
})

it('a paused queue is not pulled while the others go on, and goes on where it was', async () => {
  const member = await group.join()
  await group.produce(40)
  await group.drained()
  const [paused] = group.queues
  member.consumer.pause(paused)
  await cluster.clock.advance(20_000)
  await group.produce(40)
  await cluster.clock.advance(60_000)
  expect(group.consumed).toHaveLength(70)

  member.consumer.resume(paused)
  await group.drained(2000)
  expect(group.duplicates).toBe(0)

  member.consumer.pause(group.topic)
  await cluster.clock.advance(20_000)
  await group.produce(4)
  await cluster.clock.advance(60_000)
  expect(group.consumed).toHaveLength(80)
  member.consumer.resume(group.topic)
  await group.drained(2000)
  await member.leave()
})

it('a message that takes 60 s leaves the other queues at full rate, and holds only the offset of its own', async () => {
  const { clock } = cluster
  const member = await group.join({
    concurrency: 4,
    listener: async ([message]): Promise<ConsumeConcurrentlyStatus> => {
      await clock.sleep(message?.body.toString() === '0' ? 60_000 : 10)
      return 'CONSUME_SUCCESS'
    },
  })
  await group.produce(4000)
  const begun = clock.monotonic()
  const others = (): number => group.consumed.filter(({ queueId }) => queueId !== 0).length
  await group.until(() => others() === 3000, 30_000, 10)

  // A call of 10 ms after the other for each: 100 a second.
  expect(clock.monotonic() - begun).toBeLessThanOrEqual(10_200)
  await group.until(() => group.consumed.length === 4000, 10_000)
  await clock.advance(5000)
  expect(await group.committed()).toEqual([0, 1000, 1000, 1000])

  await clock.advance(60_000)
  expect(await group.committed()).toEqual([1000, 1000, 1000, 1000])
  expect(group.duplicates).toBe(0)
  await member.leave()
})

it('a stuck message is sent back when the consume timeout has passed, and its queue goes on', async () => {
  const stuck = new Gate()
  const member = await group.join({
    consumeTimeoutMs: 30_000,
    listener: ([message]) =>
      message?.body.toString() === '0' && message.reconsumeTimes === 0 ? stuck.listener() : 'CONSUME_SUCCESS',
  })
  await group.produce(400)
  await cluster.clock.advance(20_000)
  expect((await group.committed())[0]).toBe(0)

  await group.until(() => group.consumed.some(({ body, reconsumeTimes }) => body === '0' && reconsumeTimes === 1))
  await cluster.clock.advance(5000)

  expect(await group.committed()).toEqual([100, 100, 100, 100])
  stuck.open()
  await member.leave()
})

it('one message that never ends holds the offset and at last the pulls of its queue only', async () => {
  const { clock } = cluster
  const stuck = new Gate()
  const member = await group.join({
    consumeConcurrentlyMaxSpan: 200,
    listener: ([message]) => (message?.body.toString() === '0' ? stuck.listener() : 'CONSUME_SUCCESS'),
  })
  await group.produce(4000)
  await clock.advance(60_000)

  const ofQueue = (id: number): number => group.consumed.filter(({ queueId }) => queueId === id).length
  const { queueId } = group.consumed.find(({ body }) => body === '0') ?? { queueId: -1 }
  for (const id of [0, 1, 2, 3]) {
    if (id === queueId) expect(ofQueue(id)).toBeLessThanOrEqual(200 + 33)
    else expect(ofQueue(id)).toBe(1000)
  }
  expect((await group.committed())[queueId]).toBe(0)

  stuck.open()
  await group.until(() => ofQueue(queueId) === 1000)
  await member.leave()
  expect(await group.committed()).toEqual([1000, 1000, 1000, 1000])
})

it('concurrency raised or lowered while running takes effect at once', async () => {
  const { clock } = cluster
  let running = 0
  let most = 0
  const member = await group.join({
    concurrency: 2,
    listener: async (): Promise<ConsumeConcurrentlyStatus> => {
      running += 1
      most = Math.max(most, running)
      await clock.sleep(100)
      running -= 1
      return 'CONSUME_SUCCESS'
    },
  })
  await group.produce(1000)
  await clock.advance(1000)
  expect(most).toBe(2)

  member.consumer.concurrency = 10
  await clock.advance(1000)
  expect(most).toBe(10)

  member.consumer.concurrency = 1
  await clock.advance(200)
  most = 0
  await clock.advance(1000)
  expect(most).toBe(1)
  member.consumer.concurrency = 50
  await group.drained()
  await Promise.all([member.leave(), clock.advance(1000)])
})
