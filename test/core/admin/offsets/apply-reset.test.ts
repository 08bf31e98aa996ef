import { describe, expect, test } from 'vitest'
import { applyReset, type ResetWork } from '../../../../src/core/admin/offsets/apply-reset.ts'
import { planQueue } from '../../../../src/core/admin/offsets/reset-plan.ts'
import { verifyReset } from '../../../../src/core/admin/offsets/verify-reset.ts'
import { ResponseCode } from '../../../../src/core/protocol/index.ts'
import { FakeCluster } from '../../../support/fake-cluster.ts'
import { FakeRefusal } from '../../../support/fake-network.ts'

const queue = (queueId: number) => ({ topic: 'orders', brokerName: 'a', queueId })
const row = (queueId: number, committed: number | undefined, offset: number) =>
  planQueue({ queue: queue(queueId), min: 0, max: 100, committed }, { queue: queue(queueId), offset })

const work = (change: Partial<ResetWork> = {}): ResetWork => ({
  group: 'g',
  topic: 'orders',
  rows: [row(0, 50, 20), row(1, 20, 20)],
  mechanisms: new Map([['a', 'server-side']]),
  masters: new Map([['a', { cluster: 'c', brokerName: 'a', address: 'a:1' }]]),
  timestamps: new Map(),
  ...change,
})

const offline = { ownersBefore: new Map(), live: false, timeoutMs: 10_000, wait: {} }

describe('applying a plan', () => {
  test('asks for one queue after another where the broker resets, and leaves alone what stays', async () => {
    const cluster = new FakeCluster()
    const broker = cluster
      .broker('a:1')
      .on('invokeBrokerToResetOffset', () => ({ outcome: 'OK', body: { offsetTable: [] } }))

    const applied = await applyReset(cluster.client(), work(), {})

    expect(applied.map(({ outcome }) => outcome)).toEqual(['applied'])
    expect(broker.requests('invokeBrokerToResetOffset')).toEqual([
      expect.objectContaining({ topic: 'orders', group: 'g', queueId: 0, offset: 20, isForce: true }),
    ])
  })

  test('never sends 222 for a single queue to members: it gives every queue of the broker a commit, then one time', async () => {
    const cluster = new FakeCluster()
    const broker = cluster
      .broker('a:1')
      .on('updateConsumerOffset', () => ({ outcome: 'OK' }))
      .on('invokeBrokerToResetOffset', () => ({ outcome: 'OK', body: { offsetTable: [[queue(0), 21]] } }))
    const rows = [row(0, 50, 20), row(1, undefined, 5)]
    const pushed = work({ rows, mechanisms: new Map([['a', 'client-push']]), timestamps: new Map([['a', 1234]]) })

    const applied = await applyReset(cluster.client(), pushed, {})

    expect(broker.requests('updateConsumerOffset')).toEqual([expect.objectContaining({ queueId: 1, commitOffset: 5 })])
    const [request] = broker.requests('invokeBrokerToResetOffset')
    expect(request).toMatchObject({ timestamp: 1234, isForce: true })
    expect(request?.queueId).toBeUndefined()
    // The broker's word is where members go.
    expect(applied.map(({ row: { target } }) => target)).toEqual([21, 5])
  })

  test('tells a refusal from a silence', async () => {
    const cluster = new FakeCluster()
    cluster
      .broker('a:1')
      .on('invokeBrokerToResetOffset', () => new FakeRefusal(ResponseCode.SYSTEM_ERROR, 'not in range'))
    const refused = await applyReset(cluster.client(), work(), {})
    cluster.broker('a:1').on('invokeBrokerToResetOffset', () => undefined)
    const asked = applyReset(cluster.client(), work(), { timeoutMs: 1000 })
    await cluster.clock.advance(1000)

    expect(refused[0]).toMatchObject({ outcome: 'refused' })
    expect((await asked)[0]).toMatchObject({ outcome: 'unknown' })
  })
})

describe('a broker that hangs in the middle of a reset', () => {
  test('may have done it: it is read back', async () => {
    const cluster = new FakeCluster()
    let committed = 50
    cluster
      .broker('a:1')
      .on('invokeBrokerToResetOffset', ({ offset }) => {
        committed = offset ?? 0
        return undefined
      })
      .on('queryConsumerOffset', () => ({ outcome: 'FOUND', offset: committed }))
    const client = cluster.client()
    const asked = applyReset(client, work(), { timeoutMs: 1000 })
    await cluster.clock.advance(1000)
    const verified = await verifyReset(client, work(), await asked, offline)

    expect(verified).toMatchObject([{ committed: 20, state: 'moved' }])
  })

  test('or may do it later: that is not known, and said so', async () => {
    const cluster = new FakeCluster()
    cluster
      .broker('a:1')
      .on('invokeBrokerToResetOffset', () => undefined)
      .on('queryConsumerOffset', () => undefined)
    const client = cluster.client()
    const asked = applyReset(client, work(), { timeoutMs: 1000 })
    await cluster.clock.advance(1000)
    const applied = await asked
    const looking = verifyReset(client, work(), applied, offline)
    await cluster.clock.advance(15_000)
    const [verified] = await looking

    expect(verified).toMatchObject({ committed: undefined, state: 'unknown' })
    expect(verified?.why).toMatch(
      /^outcome unknown: a:1 did not answer invokeBrokerToResetOffset .*, and has not since$/,
    )
  })
})
