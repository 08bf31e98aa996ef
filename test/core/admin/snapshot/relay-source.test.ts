import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { RelaySource } from '../../../../src/core/admin/index.ts'
import type { GroupSnapshot, Snapshot } from '../../../../src/core/telemetry/index.ts'
import { ConsumerGroup } from '../../../support/consumer-group.ts'
import { EmbeddedCluster } from '../../../support/embedded-cluster.ts'
import { FakeMember } from '../../../support/fake-member.ts'
import { Gate } from '../../../support/gate.ts'

let cluster: EmbeddedCluster
let group: ConsumerGroup
let source: RelaySource

beforeEach(async () => {
  cluster = await EmbeddedCluster.start()
  const started = cluster
  onTestFinished(() => started.close())
  group = await ConsumerGroup.create(cluster, 4)
  source = new RelaySource({
    client: cluster.client(),
    groups: ['g'],
    cluster: 'test',
    strategyOf: ({ info }) => info?.properties.get('allocateMessageQueueStrategy'),
  })
})

/** Looks while time goes on. */
async function look(): Promise<Snapshot> {
  const state = { done: false }
  const looking = source.look().finally(() => {
    state.done = true
  })
  looking.catch(() => undefined)
  while (!state.done) await cluster.clock.advance(10)
  return (await looking).snapshot
}

function only({ groups }: Snapshot): GroupSnapshot {
  return groups[0]!
}

const main = (snapshot: Snapshot) => only(snapshot).queues.filter(({ topic }) => topic === 'orders')

describe('a snapshot by the relay of the brokers', () => {
  test('tells who holds what, how much waits, and how near the limits of flow control are', async () => {
    const gate = new Gate()
    onTestFinished(() => gate.open())
    const member = await group.join({ listener: gate.listener, concurrency: 2 })
    await group.produce(40)
    await cluster.clock.advance(6000)

    const snapshot = await look()

    expect(snapshot).toMatchObject({ schemaVersion: 1, source: 'relay', cluster: 'test', partial: false, errors: [] })
    expect(only(snapshot)).toMatchObject({
      group: 'g',
      online: true,
      messageModel: 'CLUSTERING',
      totals: { lag: 40, retryLag: 0, dlq: 0, cached: 40 },
    })
    expect(only(snapshot).clients).toEqual([
      expect.objectContaining({
        clientId: member.client.clientId,
        language: 'OTHER',
        orderly: false,
        strategy: 'AVG',
        concurrency: 2,
        limits: { count: 1000, bytes: 100 * 1024 * 1024, span: 2000 },
        queues: 5,
        cached: 40,
        error: null,
      }),
    ])
    expect(main(snapshot)).toHaveLength(4)
    expect(main(snapshot)[0]).toMatchObject({
      broker: 'broker-a',
      queue: 0,
      owners: [member.client.clientId],
      min: 0,
      max: 10,
      committed: 0,
      lag: 10,
      cached: 10,
      span: 9,
      inflight: null,
      headOffset: 0,
      locked: null,
      pressure: { limit: 'count', used: 0.01 },
      state: 'BUSY',
    })
  })

  test('calls a head that does not move blocked after a minute, however late somebody looks', async () => {
    const gate = new Gate()
    onTestFinished(() => gate.open())
    await group.join({ listener: gate.listener })
    await group.produce(4)
    await cluster.clock.advance(30_000)
    expect(main(await look()).map(({ state }) => state)).toEqual(['BUSY', 'BUSY', 'BUSY', 'BUSY'])

    await cluster.clock.advance(40_000)

    expect(main(await look()).map(({ state }) => state)).toEqual(['BLOCK', 'BLOCK', 'BLOCK', 'BLOCK'])
  })

  test('takes rates from one look to the next', async () => {
    await group.join()
    await group.produce(40)
    await group.drained()
    await cluster.clock.advance(1000)
    const first = await look()
    await group.produce(100)
    await cluster.clock.advance(2000)
    const second = await look()

    const seconds = (second.asOf - first.asOf) / 1000
    expect(only(second).totals.rates?.ok).toBeCloseTo(100 / seconds, 0)
    expect(only(second).clients[0]?.rates?.in).toBeCloseTo(100 / seconds, 0)
  })

  test('names a member that does not answer, asks it seldom, and keeps what it told', async () => {
    const client = cluster.client()
    const answers = { open: true, asked: 0 }
    const member = new FakeMember('g', ['orders'])
    const silent = Object.assign(member, {
      runningInfo: () => {
        answers.asked += 1
        return answers.open ? Promise.resolve(heldInfo()) : new Promise<never>(() => undefined)
      },
    })
    await client.routes.refresh('orders')
    client.join(silent)
    await client.heartbeat()
    const before = await look()
    expect(main(before)[0]?.owners).toEqual([client.clientId])

    answers.open = false
    const after = await look()
    const asked = answers.asked
    const again = await look()

    expect(after.partial).toBe(true)
    expect(after.errors.map(({ subject }) => subject)).toEqual([`member ${client.clientId}`])
    expect(again.errors).toEqual([{ subject: `member ${client.clientId}`, message: 'it does not answer' }])
    expect(only(after).clients[0]).toMatchObject({ error: 'it does not answer', toldAt: before.asOf, queues: 1 })
    expect(main(after)[0]).toMatchObject({ owners: [client.clientId], cached: 3, state: 'UNKNOWN' })
    expect(answers.asked).toBe(asked)

    answers.open = true
    await cluster.clock.advance(10_000)
    expect((await look()).errors).toEqual([])
  })

  test('of a group that pops from any queue, every queue is held, and what was popped is told of a broker as a whole', async () => {
    const popping = async (count: number): Promise<string> => {
      const client = cluster.client()
      const popped = { droped: false, lastPopTimestamp: cluster.clock.now(), waitAckCount: count }
      const any = { topic: 'orders', brokerName: 'broker-a', queueId: -1 }
      const info = { ...heldInfo(), mqTable: [], mqPopTable: [[any, popped]] as const }
      await client.routes.refresh('orders')
      client.join(Object.assign(new FakeMember('g', ['orders']), { runningInfo: () => Promise.resolve(info) }))
      await client.heartbeat()
      return client.clientId
    }
    const owners = [await popping(2), await popping(3)].sort()
    await group.produce(4)

    const snapshot = await look()

    expect(only(snapshot).totals).toMatchObject({ cached: 5 })
    expect(main(snapshot).map(({ queue, cached, state }) => [queue, cached, state])).toEqual([
      [0, null, 'OK'],
      [1, null, 'OK'],
      [2, null, 'OK'],
      [3, null, 'OK'],
      [-1, 5, 'OK'],
    ])
    for (const queue of main(snapshot)) expect(queue.owners).toEqual(owners)
  })

  test('of a group that broadcasts, the member furthest behind counts, and its retries nobody reads are left out', async () => {
    const joined = async (commitOffset: number): Promise<string> => {
      const client = cluster.client()
      const told = heldInfo()
      const [[queue, held]] = told.mqTable
      const info = { ...told, mqTable: [[queue, { ...held, commitOffset }]] as const }
      const member = Object.assign(new FakeMember('g', ['orders']), { runningInfo: () => Promise.resolve(info) })
      const heartbeat = { ...member.heartbeat(), messageModel: 'BROADCASTING' as const }
      await client.routes.refresh('orders')
      client.join(Object.assign(member, { heartbeat: () => heartbeat }))
      await client.heartbeat()
      return client.clientId
    }
    const owners = [await joined(3), await joined(1)].sort()
    await group.produce(16)

    const snapshot = await look()

    expect(only(snapshot)).toMatchObject({ messageModel: 'BROADCASTING', totals: { cached: 6 } })
    expect(only(snapshot).queues).toHaveLength(4)
    expect(main(snapshot)[0]).toMatchObject({ owners, lag: 3, state: 'OK' })
  })

  test('of a group without members tells that nobody holds its queues', async () => {
    const member = await group.join()
    await group.produce(4)
    await group.drained()
    await member.leave()
    await group.produce(4)

    const snapshot = await look()

    expect(only(snapshot)).toMatchObject({ online: false, clients: [], totals: { lag: 4, cached: null, rates: null } })
    expect(main(snapshot).map(({ state, owners }) => [state, owners])).toEqual(Array(4).fill(['NOOWNER', []]))
  })
})

/** Of a member that holds queue 0, with three messages in it. */
function heldInfo() {
  const held = {
    cachedMsgCount: 3,
    cachedMsgMaxOffset: 2,
    cachedMsgMinOffset: 0,
    cachedMsgSizeInMiB: 0,
    commitOffset: 0,
    droped: false,
    lastConsumeTimestamp: 0,
    lastLockTimestamp: 0,
    lastPullTimestamp: cluster.clock.now(),
    locked: true,
    transactionMsgCount: 0,
    transactionMsgMaxOffset: 0,
    transactionMsgMinOffset: 0,
    tryUnlockTimes: 0,
  }
  return {
    jstack: undefined,
    mqPopTable: [],
    mqTable: [[{ topic: 'orders', brokerName: 'broker-a', queueId: 0 }, held]] as const,
    properties: new Map<string, string>(),
    statusTable: new Map(),
    subscriptionSet: [],
    userConsumerInfo: new Map<string, string>(),
  }
}
