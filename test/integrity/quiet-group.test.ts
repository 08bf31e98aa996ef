import { afterEach, beforeEach, expect, it } from 'vitest'
import { ConsumerGroup } from '../support/consumer-group.ts'
import { EmbeddedCluster } from '../support/embedded-cluster.ts'

let cluster: EmbeddedCluster
let group: ConsumerGroup

beforeEach(async () => {
  cluster = await EmbeddedCluster.start()
  group = await ConsumerGroup.create(cluster, 8)
})

afterEach(() => cluster.close())

/** Long enough for offsets to be stored, which happens every 5 s. */
const QUIET_MS = 6000

it('no message is lost and none comes twice while members join and leave a quiet group', async () => {
  const first = await group.join()
  await group.produce(200)
  await group.drained()
  await cluster.clock.advance(QUIET_MS)

  const second = await group.join()
  await group.until(() => group.owned(second).length === 4)
  await group.produce(200)
  await group.drained()
  await cluster.clock.advance(QUIET_MS)

  const third = await group.join()
  await group.until(() => group.owned(third).length === 2)
  await group.produce(200)
  await group.drained()

  await first.leave()
  await group.until(() => group.owned(second).length + group.owned(third).length === 8)
  await group.produce(200)
  await group.drained()
  await second.leave()
  await third.leave()

  expect(group.bodies.size).toBe(800)
  expect(group.duplicates).toBe(0)
  expect(await group.committed()).toEqual(await group.ends())
})

it('a group that comes back after a clean end gets only what is new, without waiting for an interval', async () => {
  for (let round = 0; round < 5; round++) {
    const member = await group.join()
    await group.produce(50)
    await group.drained()
    await member.leave()
  }

  expect(group.consumed).toHaveLength(250)
  expect(group.duplicates).toBe(0)
})

it('a leaving member ends its running calls first, and what they consumed does not come again', async () => {
  const { clock } = cluster
  const slow = await group.join({ listener: () => clock.sleep(3000).then(() => 'CONSUME_SUCCESS' as const) })
  await group.produce(20)
  await group.until(() => group.consumed.length === 20)

  const leaving = slow.leave()
  await clock.advance(4000)
  await leaving
  const next = await group.join()
  await clock.advance(30_000)

  expect(await group.committed()).toEqual(await group.ends())
  expect(group.duplicates).toBe(0)
  await next.leave()
})

it('a leaving member does not wait for ever: what has not ended in time comes again to the next', async () => {
  const { clock } = cluster
  const stuck = await group.join({ listener: () => new Promise(() => undefined), awaitTerminationMs: 2000 })
  await group.produce(8)
  await group.until(() => group.consumed.length === 8)

  const leaving = stuck.leave()
  await clock.advance(2000)
  await leaving
  expect((await group.committed()).every((offset) => offset === 0)).toBe(true)
  const next = await group.join()
  await group.until(() => group.consumed.length === 16)

  expect(group.duplicates).toBe(8)
  await next.leave()
})

it('a queue that is given up is consumed to the end of its running calls, stored and only then taken by the next', async () => {
  const { clock } = cluster
  const first = await group.join({ listener: () => clock.sleep(200).then(() => 'CONSUME_SUCCESS' as const) })
  await group.produce(8)
  await group.until(() => group.consumed.length === 8)
  await clock.advance(QUIET_MS)

  const second = await group.join()
  await group.until(() => group.owned(second).length === 4 && group.owned(first).length === 4)
  await clock.advance(30_000)

  expect(group.duplicates).toBe(0)
  await first.leave()
  await second.leave()
})
