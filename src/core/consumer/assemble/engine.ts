import type { ConsumeService } from '../consume/consume-service.ts'
import type { OffsetStore } from '../offset/offset-store.ts'
import { computePullFromWhere } from '../offset/pull-from-where.ts'
import { ProcessQueueTable } from '../process-queue-table.ts'
import { RebalanceService } from '../rebalance/rebalance-service.ts'
import { concurrentService } from './concurrent-service.ts'
import type { EngineContext } from './engine-context.ts'
import { offsetStore } from './offset-store.ts'
import { pullParts } from './pull-parts.ts'
import { rebalancePass } from './rebalance-pass.ts'

/** The parts of a running consumer, wired; none of them knows the consumer. */
export interface Engine {
  readonly offsets: OffsetStore
  /** Makes the offsets ready to be read. Rejects with StorageError when they cannot be. */
  readonly loadOffsets: () => Promise<void>
  readonly service: ConsumeService
  readonly table: ProcessQueueTable
  readonly rebalance: RebalanceService
}

/** Builds the chain a message travels: pull loop → ProcessQueue → listener → offset. */
export function buildEngine(context: EngineContext): Engine {
  const { client, options, pulling } = context
  const { clock, logger, queueOffsets } = client
  const { offsets, load: loadOffsets } = offsetStore(context)
  const table: ProcessQueueTable = new ProcessQueueTable({
    clock,
    scope: pulling,
    offsets,
    pullParts: pullParts(context, {
      offsets,
      held: () => table.size,
      arrived: (processQueue) => {
        service.submit(processQueue)
      },
      moved: (processQueue, offset) => table.moveTo(processQueue.messageQueue, offset),
    }),
    startOf: (queue) =>
      computePullFromWhere(queue, {
        consumeFromWhere: options.consumeFromWhere,
        readStored: (asked) => offsets.readStored(asked),
        maxOffset: (asked) => queueOffsets.max(asked),
        searchOffset: (asked, timestamp) => queueOffsets.search(asked, timestamp),
      }),
    drained: (processQueue) => service.drained(options.awaitTerminationMs, processQueue),
    released: () => {
      service.heldQueuesChanged()
      rebalance.wake()
    },
  })
  const service: ConsumeService = concurrentService(context, offsets, () => table.shared)
  const pass = rebalancePass(context, table)
  const rebalance: RebalanceService = new RebalanceService({
    clock,
    logger,
    rebalance: (signal) => pass.run(signal),
    intervalMs: options.rebalanceIntervalMs,
  })
  return { offsets, loadOffsets, service, table, rebalance }
}
