import { describe, expect, it } from 'vitest'
import type { OffsetStore } from '../../../src/core/consumer/offset/offset-store.ts'
import { OffsetTable } from '../../../src/core/consumer/offset/offset-table.ts'
import { ProcessQueueTable, type ProcessQueueTableParts } from '../../../src/core/consumer/process-queue-table.ts'
import type { Pull, PullResult } from '../../../src/core/consumer/pull/pull-message.ts'
import { type MessageQueue, tagSubscription } from '../../../src/core/protocol/index.ts'
import { silentLogger, TaskScope } from '../../../src/core/support/index.ts'
import { message } from '../../support/messages.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const queue = { topic: 'orders', brokerName: 'broker-a', queueId: 0 }
const other = { ...queue, queueId: 1 }

/** An offset store whose persists the test answers. */
class Offsets implements OffsetStore {
  readonly table = new OffsetTable()
  readonly persisted: { readonly offset: number | undefined; readonly taken: () => void }[] = []
  waits = false

  inMemory = (asked: MessageQueue) => this.table.get(asked)
  readStored = () => Promise.resolve(undefined)
  update = (asked: MessageQueue, offset: number, { increaseOnly }: { readonly increaseOnly: boolean }) => {
    this.table.update(asked, offset, increaseOnly)
  }
  updateAndFreeze = (asked: MessageQueue, offset: number) => {
    this.table.freeze(asked, offset)
  }
  persistSoon = () => undefined
  remove = (asked: MessageQueue) => {
    this.table.remove(asked)
  }
  persist = async (queues: readonly MessageQueue[]) => {
    await new Promise<void>((resolve) => {
      for (const each of queues) this.persisted.push({ offset: this.table.get(each), taken: resolve })
      if (!this.waits) resolve()
    })
  }
}

function setUp({ fault, ...parts }: Partial<ProcessQueueTableParts> & { readonly fault?: string } = {}) {
  const clock = new VirtualClock()
  const errors: string[] = []
  const scope = new TaskScope({ clock, onError: (error) => errors.push(String(error)) })
  const offsets = new Offsets()
  const pulls: { readonly pull: Pull; readonly answer: (result: Partial<PullResult>) => Promise<void> }[] = []
  const released: number[] = []
  let endCalls = (): void => undefined
  const table: ProcessQueueTable = new ProcessQueueTable({
    clock,
    scope,
    offsets,
    startOf: async () => ({ offset: 100, committed: true }),
    drained: () =>
      new Promise((resolve) => {
        endCalls = () => {
          resolve(true)
        }
      }),
    released: ({ queueId }) => released.push(queueId),
    pullParts: {
      clock,
      logger: silentLogger,
      pulls: {
        ask: (pull, { answered, failed }) => {
          if (fault !== undefined) failed(new Error(fault))
          const usual: PullResult = { status: 'NO_NEW', nextBeginOffset: 0, minOffset: 0, maxOffset: 0, messages: [] }
          pulls.push({
            pull,
            answer: async (result) => {
              answered({ ...usual, ...result })
              await clock.settle()
            },
          })
        },
      },
      subscriptionOf: () => tagSubscription('orders', '*', 1),
      limits: () => ({ count: 1000, sizeBytes: 1e9, span: 2000 }),
      pullBatchSize: 32,
      pullInterval: 0,
      commitOffset: (asked) => offsets.inMemory(asked),
      paused: () => false,
      resumed: () => Promise.resolve(),
      arrived: () => undefined,
      passed: () => undefined,
      moved: (processQueue, offset) => table.moveTo(processQueue.messageQueue, offset),
      heartbeat: () => Promise.resolve(),
      observe: {
        pulled: () => undefined,
        heldBack: () => undefined,
        freed: () => undefined,
        failed: (_, error) => {
          throw error
        },
      },
    },
    ...parts,
  })
  const last = () => {
    const pull = pulls.at(-1)
    if (pull === undefined) throw new Error('nothing was pulled')
    return pull
  }
  const ended = async (): Promise<void> => {
    endCalls()
    await clock.settle()
  }
  return { clock, scope, errors, offsets, pulls, last, table, released, ended }
}

describe('ProcessQueueTable.acquire', () => {
  it('begins to pull where the queue starts, and stores that with the next persist even if nothing comes', async () => {
    const { table, last, offsets, clock } = setUp()

    expect(await table.acquire(queue)).toBe(true)
    await clock.settle()

    expect(last().pull).toMatchObject({ queue, offset: 100 })
    expect(offsets.inMemory(queue)).toBe(100)
    expect(table.owned.map(({ messageQueue }) => messageQueue)).toEqual([queue])
  })

  it('does not take a queue twice, even when asked during the question where it starts', async () => {
    const { table, clock } = setUp()

    expect(await Promise.all([table.acquire(queue), table.acquire(queue)])).toEqual([true, false])
    expect(await table.acquire(queue)).toBe(false)
    await clock.settle()
    expect(table.size).toBe(1)
  })

  it('takes nothing when its start is unknown', async () => {
    const { table, pulls } = setUp({ startOf: () => Promise.reject(new Error('no answer')) })

    await expect(table.acquire(queue)).rejects.toThrow('no answer')
    expect(table.size).toBe(0)
    expect(pulls).toEqual([])
  })

  it('takes nothing once the consumer is closed, not even when that happens during the question', async () => {
    const { table, scope, pulls } = setUp()
    const asked = table.acquire(queue)
    await scope.close()

    expect(await asked).toBe(false)
    expect(await table.acquire(queue)).toBe(false)
    expect(pulls).toEqual([])
  })
})

describe('ProcessQueueTable.release', () => {
  it('hands nothing more out, waits for running calls, stores their offset and only then lets the queue go', async () => {
    const { table, offsets, released, ended, clock } = setUp()
    offsets.waits = true
    await table.acquire(queue)
    const { processQueue } = table.get(queue) ?? {}
    void table.release(queue)
    await clock.settle()
    expect(processQueue?.revoked).toBe(true)
    expect(processQueue?.dropped).toBe(false)
    expect(table.owned).toEqual([])
    expect(table.all).toHaveLength(1)

    offsets.update(queue, 150, { increaseOnly: true })
    await ended()
    expect(offsets.persisted.map(({ offset }) => offset)).toEqual([150])
    expect(released).toEqual([])

    offsets.persisted[0]?.taken()
    await clock.settle()
    expect(released).toEqual([0])
    expect(table.size).toBe(0)
    expect(processQueue?.dropped).toBe(true)
    expect(offsets.inMemory(queue)).toBeUndefined()
  })

  it('gives up the pull in flight and begins no other', async () => {
    const { table, pulls, last, clock, errors } = setUp()
    await table.acquire(queue)
    await clock.settle()
    void table.release(queue)
    await clock.settle()
    await last().answer({ status: 'FOUND', messages: [message({ queueOffset: 100 })], nextBeginOffset: 101 })

    expect(pulls).toHaveLength(1)
    expect(table.get(queue)?.processQueue.backlog.count).toBe(0)
    expect(errors).toEqual([])
  })

  it('does nothing for a queue that is not held, or given up already', async () => {
    const { table, offsets, ended } = setUp()
    await table.release(queue)
    await table.acquire(queue)
    const first = table.release(queue)
    await table.release(queue)
    await ended()
    await first

    expect(offsets.persisted).toHaveLength(1)
  })

  it('does not take a queue again before it is free', async () => {
    const { table, ended } = setUp()
    await table.acquire(queue)
    const releasing = table.release(queue)
    expect(await table.acquire(queue)).toBe(false)

    await ended()
    await releasing

    expect(await table.acquire(queue)).toBe(true)
  })
})

describe('ProcessQueueTable.moveTo', () => {
  it('stores the new offset before it pulls there, and lets no other offset through meanwhile', async () => {
    const { table, offsets, pulls, last, clock } = setUp()
    offsets.waits = true
    await table.acquire(queue)
    await clock.settle()
    const old = table.get(queue)?.processQueue
    offsets.update(queue, 120, { increaseOnly: true })
    await last().answer({ status: 'OFFSET_MOVED', nextBeginOffset: 7, maxOffset: 200 })
    expect(offsets.persisted.map(({ offset }) => offset)).toEqual([7])

    // A call that still runs must not put the old position back.
    offsets.update(queue, 130, { increaseOnly: true })
    expect(offsets.inMemory(queue)).toBe(7)
    expect(old?.dropped).toBe(true)
    expect(pulls).toHaveLength(1)

    offsets.persisted[0]?.taken()
    await clock.settle()
    expect(last().pull).toMatchObject({ offset: 7, commitOffset: 7 })
    expect(table.get(queue)?.processQueue).not.toBe(old)
    offsets.update(queue, 9, { increaseOnly: true })
    expect(offsets.inMemory(queue)).toBe(9)
  })

  it('goes on at the new offset without asking where the broker thinks it is', async () => {
    let asked = 0
    const { table, last, clock } = setUp({
      startOf: async () => {
        asked += 1
        return { offset: 100, committed: true }
      },
    })
    await table.acquire(queue)
    await clock.settle()

    await last().answer({ status: 'OFFSET_MOVED', nextBeginOffset: 7, maxOffset: 200 })
    await clock.settle()

    expect(asked).toBe(1)
    expect(last().pull.offset).toBe(7)
    expect(table.owned).toHaveLength(1)
  })

  it('is not a rebalance: the queue cannot be taken or given up before it is done', async () => {
    const { table, offsets, clock, released } = setUp()
    offsets.waits = true
    await table.acquire(queue)
    const moving = table.moveTo(queue, 7)
    expect(table.owned).toEqual([])
    expect(await table.acquire(queue)).toBe(false)
    await table.release(queue)

    offsets.persisted[0]?.taken()
    await moving
    await clock.settle()

    expect(table.owned).toHaveLength(1)
    expect(released).toEqual([0])
  })

  it('waits a second before it goes on at the very offset it came from', async () => {
    const { table, pulls, last, clock } = setUp()
    await table.acquire(queue)
    await clock.settle()

    await last().answer({ status: 'OFFSET_MOVED', nextBeginOffset: 100, maxOffset: 200 })
    await clock.advance(999)
    expect(pulls).toHaveLength(1)
    await clock.advance(1)
    expect(pulls).toHaveLength(2)
  })

  it('makes a queue that is being given up leave the new offset behind', async () => {
    const { table, offsets, ended, clock } = setUp()
    await table.acquire(queue)
    const releasing = table.release(queue)
    await clock.settle()

    await table.moveTo(queue, 7)
    offsets.update(queue, 500, { increaseOnly: true })
    await ended()
    await releasing

    expect(offsets.persisted.map(({ offset }) => offset)).toEqual([7])
  })

  it('does nothing for a queue that is not held', async () => {
    const { table, offsets } = setUp()

    await table.moveTo(other, 7)

    expect(offsets.persisted).toEqual([])
    expect(offsets.inMemory(other)).toBeUndefined()
  })

  it('leaves the new offset to be stored at the end when the consumer closes meanwhile', async () => {
    const { table, offsets, clock, scope, pulls } = setUp()
    offsets.waits = true
    await table.acquire(queue)
    await clock.settle()
    const moving = table.moveTo(queue, 7)
    const closed = scope.close()
    offsets.persisted[0]?.taken()
    await moving
    await closed

    expect(pulls).toHaveLength(1)
    expect(offsets.inMemory(queue)).toBe(7)
    expect(table.all).toHaveLength(1)
  })
})

describe('HeldQueue.stalled', () => {
  it('holds once the pull loop has ended by a fault', async () => {
    const { table, clock, errors } = setUp({ fault: 'a fault' })
    await table.acquire(queue)
    await clock.settle()

    expect(table.get(queue)?.stalled).toBe(true)
    expect(errors).toEqual(['Error: a fault'])
  })

  it('does not hold however long flow control, a pause or a silent broker let the loop wait', async () => {
    const { table, clock } = setUp()
    await table.acquire(queue)

    await clock.advance(3_600_000)

    expect(table.get(queue)?.stalled).toBe(false)
  })
})
