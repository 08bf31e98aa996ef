import { afterEach, beforeEach, expect, it } from 'vitest'
import { resetOffsetBodyShape } from '../../src/core/protocol/bodies/reset-offset.ts'
import { command, encodeFrame, json, operations, writeHeader } from '../../src/core/protocol/index.ts'
import { ConsumerGroup } from '../support/consumer-group.ts'
import { EmbeddedCluster } from '../support/embedded-cluster.ts'
import { faultyConnect } from '../support/fault-transport.ts'
import { Gate } from '../support/gate.ts'

let cluster: EmbeddedCluster
let group: ConsumerGroup

beforeEach(async () => {
  cluster = await EmbeddedCluster.start()
  group = await ConsumerGroup.create(cluster, 4)
})

afterEach(() => cluster.close())

/** Asks the broker to set one queue of the group to an offset (222): members learn of it with their next pull. */
async function resetAtBroker(queueId: number, offset: number): Promise<void> {
  await cluster.client().remoting.invoke(cluster.broker.address, 'invokeBrokerToResetOffset', {
    topic: group.topic,
    group: group.group,
    timestamp: 0,
    isForce: true,
    queueId,
    offset,
  })
}

/** Tells every member to go on at an offset (220), as brokers before 5.2 do. */
function resetAtMembers(queueId: number, offset: number): void {
  const queue = group.queues[queueId]
  if (queue === undefined) throw new Error(`there is no queue ${queueId}`)
  const { code, request } = operations.resetConsumerClientOffset
  const extFields = writeHeader(request, {
    topic: group.topic,
    group: group.group,
    timestamp: 0,
    isForce: false,
  })
  const body = json(resetOffsetBodyShape).write({ offsetTable: [[queue, offset]] })
  cluster.tellClients(encodeFrame(command({ code, opaque: 1, flag: 2, extFields, body })))
}

const resets = [
  ['by the broker', resetAtBroker],
  ['by its members', async (queueId: number, offset: number) => resetAtMembers(queueId, offset)],
] as const

it.each(resets)(
  'a queue set back %s while it is consumed goes on at the target, the others as before',
  async (_, reset) => {
    const member = await group.join()
    await group.produce(400)
    await group.drained()
    await cluster.clock.advance(6000)
    group.consumed.length = 0

    await reset(2, 30)
    await group.until(() => group.consumed.length === 70, 20_000)
    await cluster.clock.advance(6000)

    expect(group.consumed.map(({ queueId, offset }) => [queueId, offset])).toEqual(
      Array.from({ length: 70 }, (_each, index) => [2, 30 + index]),
    )
    expect(await group.committed()).toEqual([100, 100, 100, 100])
    await member.leave()
  },
)

it.each(resets)('a queue set forward %s skips what lies between', async (_, reset) => {
  const { clock } = cluster
  const gate = new Gate()
  const member = await group.join({ concurrency: 4, listener: gate.listener })
  await group.produce(400)
  await group.until(() => group.consumed.length === 4)

  await reset(0, 90)
  await clock.advance(20_000)
  gate.open()
  await clock.advance(20_000)

  const offsets = group.consumed.filter(({ queueId }) => queueId === 0).map(({ offset }) => offset)
  expect(offsets.filter((offset) => offset >= 90)).toEqual([90, 91, 92, 93, 94, 95, 96, 97, 98, 99])
  expect(Math.max(...offsets.filter((offset) => offset < 90))).toBeLessThan(4)
  expect(await group.committed()).toEqual([100, 100, 100, 100])
  await member.leave()
})

it.each(resets)('no offset from before a reset %s is ever stored after it', async (_, reset) => {
  const { clock } = cluster
  const member = await group.join({ listener: () => clock.sleep(1000).then(() => 'CONSUME_SUCCESS' as const) })
  await group.produce(200)
  await group.until(() => group.consumed.filter(({ queueId }) => queueId === 1).length > 30)

  const before = group.consumed.length
  await reset(1, 5)
  const seen: number[] = []
  for (let step = 0; step < 100; step++) {
    await clock.advance(50)
    seen.push((await group.committed())[1] ?? -1)
  }

  // From 5 on upwards: no jump back to where the group had been.
  expect(seen[0]).toBeLessThanOrEqual(5)
  expect(seen).toEqual([...seen].sort((a, b) => a - b))
  const again = group.consumed.slice(before).filter(({ queueId }) => queueId === 1)
  const target = again.findIndex(({ offset }) => offset === 5)
  const offsets = again.slice(target).map(({ offset }) => offset)
  expect(offsets).toEqual(offsets.map((_each, index) => 5 + index))
  expect(offsets.length).toBeGreaterThan(5)
  await Promise.all([member.leave(), clock.advance(5000)])
})

it('a reset survives a broker that is lost before it has stored the new offset', async () => {
  const { clock } = cluster
  const { connect, transports } = faultyConnect(cluster.connect, clock)
  const member = await group.join({ client: cluster.client({ connect }) })
  await group.produce(400)
  await group.drained()
  await clock.advance(6000)
  group.consumed.length = 0

  for (const { outgoing } of transports) outgoing.hold()
  resetAtMembers(3, 40)
  await clock.advance(1000)
  for (const transport of transports) transport.break()
  await group.until(() => group.consumed.length >= 60, 30_000)
  await clock.advance(6000)

  expect(group.consumed.map(({ queueId, offset }) => [queueId, offset])).toEqual(
    Array.from({ length: 60 }, (_each, index) => [3, 40 + index]),
  )
  expect(await group.committed()).toEqual([100, 100, 100, 100])
  await member.leave()
})
