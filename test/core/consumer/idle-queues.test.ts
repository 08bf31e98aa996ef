import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it, onTestFinished } from 'vitest'
import type { OffsetStore } from '../../../src/core/consumer/offset/offset-store.ts'
import { OffsetTable } from '../../../src/core/consumer/offset/offset-table.ts'
import { ProcessQueueTable } from '../../../src/core/consumer/process-queue-table.ts'
import type { PullLoopParts } from '../../../src/core/consumer/pull/pull-loop.ts'
import type { PullResult } from '../../../src/core/consumer/pull/pull-message.ts'
import { tagSubscription } from '../../../src/core/protocol/index.ts'
import { type Receiver } from '../../../src/core/remoting/index.ts'
import { silentLogger, TaskScope } from '../../../src/core/support/index.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const QUEUES = 2000

/** What is alive, in bytes. */
function live(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  collect()
  return process.memoryUsage().heapUsed
}

it('keeps no more than 2 KB of its own for a queue whose pull waits at the broker', async () => {
  const clock = new VirtualClock()
  const scope = new TaskScope({ clock, onError: () => undefined })
  onTestFinished(() => scope.close())
  const waiting: Receiver<PullResult>[] = []
  const known = new OffsetTable()
  const table = new ProcessQueueTable({
    clock,
    scope,
    offsets: {
      update: (queue, offset) => {
        known.update(queue, offset, false)
      },
      remove: () => undefined,
    } as Partial<OffsetStore> as OffsetStore,
    startOf: async () => ({ offset: 0, committed: false }),
    drained: async () => true,
    released: () => undefined,
    pullParts: {
      clock,
      logger: silentLogger,
      pulls: { ask: (_, receiver) => waiting.push(receiver) },
      subscriptionOf: () => tagSubscription('orders', '*', 1),
      limits: () => ({ count: 1000, sizeBytes: 1e9, span: 2000 }),
      pullBatchSize: 32,
      pullInterval: 0,
      commitOffset: () => undefined,
      paused: () => false,
      observe: { pulled: () => undefined, heldBack: () => undefined, freed: () => undefined, failed: () => undefined },
    } as Partial<PullLoopParts> as PullLoopParts,
  })
  const queues = Array.from({ length: QUEUES }, (_, queueId) => ({ topic: 'orders', brokerName: 'broker-a', queueId }))
  await table.acquire({ topic: 'orders', brokerName: 'broker-a', queueId: QUEUES })
  const before = live()

  for (const queue of queues) await table.acquire(queue)
  await clock.settle()

  expect(waiting).toHaveLength(QUEUES + 1)
  expect((live() - before) / QUEUES).toBeLessThan(2048)
})
