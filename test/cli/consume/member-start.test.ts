import { describe, expect, it, vi } from 'vitest'
import type { ConsumeRun } from '../../../src/cli/consume/consume-run.ts'
import { memberStart } from '../../../src/cli/consume/member-start.ts'
import { parsePositions } from '../../../src/cli/position/position.ts'
import { RefusedError, UsageError } from '../../../src/core/errors.ts'
import { type MessageQueue, mqVersion, queueKey } from '../../../src/core/protocol/index.ts'
import { EPOCH_MS } from '../../support/virtual-clock.ts'

const queues = [0, 1].map((queueId) => ({ topic: 'orders', brokerName: 'broker-a', queueId }))
const late = { topic: 'orders', brokerName: 'broker-a', queueId: 2 }

interface Cluster {
  readonly version?: string
  /** Groups that have committed something in the topic, or are online. */
  readonly groups?: readonly string[]
}

function setUp(from: string | undefined, { version = '5.5.0', groups = [] }: Cluster = {}) {
  const committed: unknown[] = []
  const said: string[] = []
  const invoke = vi.fn((_address: string, operation: string, request: object) => {
    if (operation === 'updateConsumerOffset') committed.push(request)
    return Promise.resolve({ outcome: 'OK', body: { groupList: groups } })
  })
  const run = {
    settings: {
      from: from === undefined ? undefined : parsePositions(from, { now: EPOCH_MS, timeZone: 'UTC' }),
      flags: { group: 'billing' },
    },
    context: { say: (line: string) => said.push(line) },
    route: { topic: 'orders', subscribeQueues: queues },
    connection: {
      wireName: (name: string) => name,
      client: {
        remoting: { invoke, versionOf: () => mqVersion(version) },
        routes: { masterOf: () => 'broker:1' },
        queueOffsets: {
          min: () => Promise.resolve(10),
          max: ({ queueId }: MessageQueue) => Promise.resolve(100 + queueId),
          search: (_: MessageQueue, timestamp: number) => Promise.resolve(timestamp === EPOCH_MS - 60_000 ? 42 : -1),
          committed: (group: string) => Promise.resolve(group === 'other' ? 77 : undefined),
        },
      },
    },
  } as unknown as ConsumeRun
  return { start: memberStart(run), committed, invoke, said }
}

async function offsets(from: string, cluster?: Cluster): Promise<number[]> {
  const { consumeFromWhere } = await setUp(from, cluster).start
  if (consumeFromWhere.from !== 'offset') throw new Error(`it begins by ${consumeFromWhere.from}`)
  return Promise.all([...queues, late].map((queue) => consumeFromWhere.offsetOf(queue)))
}

describe('where a group begins', () => {
  it.each([undefined, 'committed'])('is as for Java clients with --from %s', async (from) => {
    const { start, invoke } = setUp(from)

    expect(await start).toMatchObject({ consumeFromWhere: { from: 'last' }, setZeroIfNotFound: true })
    expect(invoke).not.toHaveBeenCalled()
  })

  it('is the first offset there is', async () => {
    expect(await setUp('first').start).toMatchObject({ consumeFromWhere: { from: 'first' }, setZeroIfNotFound: false })
  })

  it.each([
    ['last', [100, 101, 10]],
    ['1m ago', [42, 42, 42]],
    ['=50', [50, 50, 10]],
    ['@other', [77, 77, 10]],
    ['broker-a:1=20', [100, 20, 10]],
  ])('is in each queue what %s means there, and the beginning of queues that come later', async (from, expected) => {
    expect(await offsets(from)).toEqual(expected)
  })

  it('is refused before anything is done', async () => {
    await expect(setUp('=5').start).rejects.toThrow(RefusedError)
    await expect(setUp('@nobody').start).rejects.toThrow(/group nobody has no committed offset/)
    await expect(setUp('+5').start).rejects.toThrow(UsageError)
  })

  it('says what had to be brought into the bounds', async () => {
    const { start, said } = setUp('broker-a:0=-90d', {})
    await start

    expect(said).toEqual(['broker-a:0: -1 lies before its first offset 10; taking 10'])
  })
})

describe('a broker that says 0 of a group that has committed nothing', () => {
  it('is told the start by a commit of its own, for a group it has never seen in the topic', async () => {
    const { start, committed } = setUp('last', { version: '4.9.7', groups: ['somebody'] })

    const { begun } = await start

    expect([...begun]).toEqual(queues.map(queueKey))
    expect(committed).toEqual([
      { consumerGroup: 'billing', topic: 'orders', queueId: 0, commitOffset: 100, bname: 'broker-a' },
      { consumerGroup: 'billing', topic: 'orders', queueId: 1, commitOffset: 101, bname: 'broker-a' },
    ])
  })

  it.each<[string, string, Cluster]>([
    ['a group that it knows', 'last', { version: '4.9.7', groups: ['billing'] }],
    ['the first offset, which is what it says', 'first', { version: '4.9.7' }],
    ['a newer broker', 'last', { version: '5.0.0' }],
  ])('is told nothing for %s', async (_, from, cluster) => {
    const { start, committed } = setUp(from, cluster)

    expect((await start).begun.size).toBe(0)
    expect(committed).toEqual([])
  })
})
