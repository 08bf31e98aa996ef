import { describe, expect, it } from 'vitest'
import { QueueLease } from '../../../src/core/consumer/lock/queue-lease.ts'
import { OffsetTable } from '../../../src/core/consumer/offset/offset-table.ts'
import { ProcessQueueTable } from '../../../src/core/consumer/process-queue-table.ts'
import type { PullLoopParts } from '../../../src/core/consumer/pull/pull-loop.ts'
import type { MessageQueue } from '../../../src/core/protocol/index.ts'
import { silentLogger, TaskScope } from '../../../src/core/support/index.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const queue = { topic: 'orders', brokerName: 'broker-a', queueId: 0 }

/** A table whose steps are told in order, with locks that are granted unless the test says otherwise. */
function setUp(options: { readonly refuses?: () => boolean; readonly startOf?: () => Promise<number> } = {}) {
  const clock = new VirtualClock()
  const steps: string[] = []
  const leases: QueueLease[] = []
  const offsets = new OffsetTable()
  const scope = new TaskScope({ clock, onError: (error) => steps.push(String(error)) })
  let endCalls = (): void => undefined
  const table: ProcessQueueTable = new ProcessQueueTable({
    clock,
    scope,
    offsets: {
      inMemory: (asked) => offsets.get(asked),
      readStored: () => Promise.resolve(undefined),
      update: (asked, offset) => {
        offsets.update(asked, offset, false)
      },
      updateAndFreeze: (asked, offset) => {
        offsets.freeze(asked, offset)
      },
      persist: async (queues) => {
        for (const each of queues) steps.push(`persist ${offsets.get(each) ?? 'nothing'}`)
      },
      persistSoon: () => undefined,
      remove: (asked) => {
        offsets.remove(asked)
      },
    },
    startOf: async () => {
      steps.push('start')
      return { offset: (await options.startOf?.()) ?? 100, committed: true }
    },
    drained: () =>
      new Promise((resolve) => {
        endCalls = () => {
          resolve(true)
        }
      }),
    locks: {
      acquire: async (messageQueue: MessageQueue) => {
        steps.push('lock')
        if (options.refuses?.()) return undefined
        const life = { memberMs: 30_000, brokerMs: 60_000 }
        const lease = new QueueLease(messageQueue, { clock, life, sentAt: clock.monotonic() })
        leases.push(lease)
        return lease
      },
      release: async (given) => {
        steps.push(`unlock ${given.length}`)
      },
    },
    released: () => steps.push('released'),
    pullParts: {
      clock,
      logger: silentLogger,
      pulls: { ask: () => undefined },
      subscriptionOf: () => ({}),
      limits: () => ({ count: 1000, sizeBytes: 1e9, span: 2000 }),
      commitOffset: () => undefined,
      paused: () => false,
      resumed: () => Promise.resolve(),
    } as unknown as PullLoopParts,
  })
  const ended = async (): Promise<void> => {
    endCalls()
    await clock.settle()
  }
  return { clock, steps, table, leases, scope, offsets, ended }
}

describe('a queue that is consumed in order', () => {
  it('is locked before its offset is asked for', async () => {
    const { table, steps } = setUp()

    expect(await table.acquire(queue)).toBe(true)

    expect(steps).toEqual(['lock', 'start'])
  })

  it('is not taken while another member has its lock', async () => {
    const { table, steps } = setUp({ refuses: () => true })

    expect(await table.acquire(queue)).toBe(false)

    expect(steps).toEqual(['lock'])
    expect(table.size).toBe(0)
  })

  it('is unlocked when its start cannot be learned', async () => {
    const { table, steps } = setUp({ startOf: () => Promise.reject(new Error('no answer')) })

    await expect(table.acquire(queue)).rejects.toThrow('no answer')

    expect(steps).toEqual(['lock', 'start', 'unlock 1'])
  })

  it('is not taken, and unlocked, when the consumer is closed meanwhile', async () => {
    const { table, steps, scope } = setUp({ startOf: () => scope.close().then(() => 5) })

    expect(await table.acquire(queue)).toBe(false)

    expect(steps.at(-1)).toBe('unlock 1')
  })

  it('is not taken when its lock is lost before it is begun', async () => {
    const { table, leases } = setUp({ startOf: () => Promise.resolve(leases[0]?.lose()).then(() => 5) })

    expect(await table.acquire(queue)).toBe(false)

    expect(table.size).toBe(0)
  })

  it('is given up in this order: calls end, offset stored, unlocked, free', async () => {
    const { table, steps, ended, leases } = setUp()
    await table.acquire(queue)
    const released = table.release(queue)
    expect(steps.slice(2)).toEqual([])
    await ended()
    await released

    expect(steps.slice(2)).toEqual(['persist 100', 'unlock 1', 'released'])
    expect(leases[0]?.lost.aborted).toBe(true)
    expect(table.size).toBe(0)
  })

  it('is dropped with all that is known of it when its lock is lost, and can be taken anew', async () => {
    const { table, steps, leases, offsets } = setUp()
    await table.acquire(queue)
    const { processQueue } = table.get(queue) ?? {}

    leases[0]?.lose()

    expect([processQueue?.dropped, processQueue?.revoked]).toEqual([true, true])
    expect(offsets.get(queue)).toBeUndefined()
    expect(steps.slice(2)).toEqual(['released'])
    expect(await table.acquire(queue)).toBe(true)
    expect(table.get(queue)?.processQueue).not.toBe(processQueue)
  })

  it('is not stored or unlocked by a release during which it was lost and taken anew', async () => {
    const { table, steps, leases, ended } = setUp()
    await table.acquire(queue)
    const released = table.release(queue)
    leases[0]?.lose()
    await table.acquire(queue)
    await ended()
    await released

    expect(steps.slice(2)).toEqual(['released', 'lock', 'start'])
    expect(table.owned).toHaveLength(1)
  })

  it('keeps its lock when its offset is reset', async () => {
    const { table, steps, leases } = setUp()
    await table.acquire(queue)

    await table.moveTo(queue, 7)

    expect(steps.slice(2)).toEqual(['persist 7', 'released'])
    expect(table.get(queue)?.processQueue.lease).toBe(leases[0])
    expect(table.get(queue)?.start.offset).toBe(7)
  })

  it('is unlocked with all others at the end, when what still runs does not count any more', async () => {
    const { table, steps, leases } = setUp()
    await table.acquire(queue)
    await table.acquire({ ...queue, queueId: 1 })
    table.revokeAll()

    await table.unlockAll()

    expect(steps.slice(4)).toEqual(['unlock 2'])
    expect(leases.map(({ lost }) => lost.aborted)).toEqual([true, true])
  })
})
