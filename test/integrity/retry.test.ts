import { afterEach, beforeEach, expect, it } from 'vitest'
import { ConsumerGroup } from '../support/consumer-group.ts'
import { deadLetters } from '../support/dead-letters.ts'
import { EmbeddedCluster } from '../support/embedded-cluster.ts'

let cluster: EmbeddedCluster
let group: ConsumerGroup

beforeEach(async () => {
  cluster = await EmbeddedCluster.start()
  group = await ConsumerGroup.create(cluster, 4)
})

afterEach(() => cluster.close())

/** What the group has given up. */
const given = () => deadLetters(cluster.client().remoting, cluster.broker.address, group.group)

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** Java's delays of the 16 retries: levels 3 to 18. */
const DELAYS = [
  10_000,
  30_000,
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 30].map((minutes) => minutes * MINUTE),
  HOUR,
  2 * HOUR,
]

it('a message that always fails comes 1 + 16 times with growing reconsumeTimes and delay, then once in the DLQ', async () => {
  const member = await group.join({ listener: () => 'RECONSUME_LATER', persistConsumerOffsetIntervalMs: MINUTE })
  await group.produce(1)

  await group.until(() => group.consumed.length === 17, 5 * HOUR, MINUTE)
  await cluster.clock.advance(10 * MINUTE)

  expect(group.consumed.map(({ reconsumeTimes }) => reconsumeTimes)).toEqual(
    Array.from({ length: 17 }, (_, times) => times),
  )
  const waited = group.consumed.slice(1).map(({ at }, index) => at - (group.consumed[index]?.at ?? 0))
  for (const [index, ms] of waited.entries()) {
    const wanted = DELAYS[index] ?? 0
    expect(ms).toBeGreaterThanOrEqual(wanted)
    expect(ms).toBeLessThanOrEqual(wanted + 2000)
  }
  expect(await given()).toEqual([{ body: '0', reconsumeTimes: 17 }])
  await member.leave()
})

it('exactly the failing messages go to the DLQ, each once, and all others are consumed once', async () => {
  const fails = (body: string) => Number(body) % 10 === 0
  const member = await group.join({
    maxReconsumeTimes: 2,
    listener: async ([message]) => {
      await cluster.clock.sleep(5)
      return fails(message?.body.toString() ?? '') ? 'RECONSUME_LATER' : 'CONSUME_SUCCESS'
    },
  })
  await group.produce(100)
  await group.until(() => group.consumed.length === 120, 5 * MINUTE)
  await cluster.clock.advance(5 * MINUTE)

  expect((await given()).map(({ body }) => body).sort()).toEqual(
    ['0', '10', '20', '30', '40', '50', '60', '70', '80', '90'].sort(),
  )
  for (const each of group.bodies) {
    const deliveries = group.consumed.filter(({ body }) => body === each).length
    expect([each, deliveries]).toEqual([each, fails(each) ? 3 : 1])
  }
  await member.leave()
})

it('a message meant for the DLQ goes there at once', async () => {
  const member = await group.join({
    listener: (_, context) => {
      context.delayLevelWhenNextConsume = -1
      return 'RECONSUME_LATER'
    },
  })
  await group.produce(3)
  await group.until(() => group.consumed.length === 3)
  await cluster.clock.advance(MINUTE)

  expect((await given()).map(({ body }) => body)).toEqual(['0', '1', '2'])
  expect(group.consumed).toHaveLength(3)
  await member.leave()
})

it('nothing is lost when a member leaves between a failure and its retry', async () => {
  const failing = await group.join({ listener: () => 'RECONSUME_LATER' })
  await group.produce(20)
  await group.until(() => group.consumed.length === 20)
  await failing.leave()
  group.consumed.length = 0

  const next = await group.join()
  await group.until(() => group.bodies.size === 20, 5 * MINUTE)

  expect(
    group.consumed.every(({ queueTopic, reconsumeTimes }) => queueTopic === '%RETRY%g' && reconsumeTimes === 1),
  ).toBe(true)
  expect(group.duplicates).toBe(0)
  await next.leave()
})

it('a message whose call takes longer than the consume timeout comes again, and its queue goes on', async () => {
  let stuck = true
  const member = await group.join({
    consumeTimeoutMs: MINUTE,
    listener: ([message]) => {
      if (message?.body.toString() !== '0' || !stuck) return 'CONSUME_SUCCESS'
      stuck = false
      return new Promise(() => undefined)
    },
  })
  await group.produce(40)
  await group.until(() => group.consumed.length === 41, 3 * MINUTE)
  await cluster.clock.advance(10_000)

  expect(group.consumed.filter(({ body }) => body === '0').map(({ reconsumeTimes }) => reconsumeTimes)).toEqual([0, 1])
  expect(await group.committed()).toEqual(await group.ends())
  await Promise.all([member.leave(), cluster.clock.advance(31_000)])
})

it('a message nobody takes back is consumed here again, and is not lost when the brokers are back', async () => {
  let failures = 2
  const member = await group.join({
    listener: async () => {
      if (failures <= 0) return 'CONSUME_SUCCESS'
      failures -= 1
      cluster.refuseConnections(true)
      return 'RECONSUME_LATER'
    },
  })
  await group.produce(1)
  await group.until(() => group.consumed.length === 2, MINUTE)
  cluster.refuseConnections(false)
  await group.until(() => group.consumed.length >= 3, 2 * MINUTE)
  await cluster.clock.advance(MINUTE)

  expect(group.consumed.length).toBeGreaterThanOrEqual(3)
  expect(await group.committed()).toEqual(await group.ends())
  await member.leave()
})
