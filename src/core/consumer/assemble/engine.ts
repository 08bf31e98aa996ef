import type { MessageQueue } from '../../protocol/index.ts'
import type { ConsumeService } from '../consume/consume-service.ts'
import type { QueueLocks } from '../lock/queue-locks.ts'
import type { OffsetStore } from '../offset/offset-store.ts'
import { computePullFromWhere } from '../offset/pull-from-where.ts'
import type { ProcessQueue } from '../process-queue.ts'
import { ProcessQueueTable, type ProcessQueueTableParts } from '../process-queue-table.ts'
import { RebalanceService } from '../rebalance/rebalance-service.ts'
import { concurrentService } from './concurrent-service.ts'
import type { EngineContext } from './engine-context.ts'
import { offsetStore } from './offset-store.ts'
import { orderlyService } from './orderly-service.ts'
import { type Popping, popping } from './popping.ts'
import { pullParts } from './pull-parts.ts'
import { queueLocks } from './queue-locks.ts'
import { rebalancePass } from './rebalance-pass.ts'

/** The parts of a running consumer, wired; none of them knows the consumer. */
export interface Engine {
  readonly offsets: OffsetStore
  /** Makes the offsets ready to be read. Rejects with StorageError when they cannot be. */
  readonly loadOffsets: () => Promise<void>
  readonly service: ConsumeService
  readonly table: ProcessQueueTable
  readonly rebalance: RebalanceService
  /** A connection to a broker was made anew. */
  readonly reconnected: (address: string) => void
  /** Where messages are consumed in order. */
  readonly locks: QueueLocks | undefined
  /** Absent where no broker is asked for POP. */
  readonly pops: Popping | undefined
}

/** After a pass that did not get all it should have, in order: another member still has a lock (`RebalanceImpl`). */
const LOCKED_RETRY_MS = 500

/** Builds the chain a message travels: pull loop → ProcessQueue → listener → offset. */
export function buildEngine(context: EngineContext): Engine {
  const { client, options, pulling, listener } = context
  const { clock, logger } = client
  const locks = queueLocks(context)
  // Without its lock a queue is another member's, and so is its offset.
  const isOurs = (queue: MessageQueue): boolean =>
    locks === undefined || (table.get(queue)?.processQueue.lease?.held ?? false)
  const { offsets, load: loadOffsets } = offsetStore(context, isOurs)
  const arrived = (processQueue: ProcessQueue): void => {
    service.submit(processQueue)
  }
  const released = (): void => {
    service.heldQueuesChanged()
    rebalance.wake()
  }
  const table: ProcessQueueTable = new ProcessQueueTable({
    clock,
    scope: pulling,
    offsets,
    locks,
    pullParts: pullParts(context, {
      offsets,
      held: () => table.size,
      arrived,
      moved: (processQueue, offset) => table.moveTo(processQueue.messageQueue, offset),
    }),
    startOf: startOf(context, offsets),
    drained: (processQueue) => service.drained(options.awaitTerminationMs, processQueue),
    released,
  })
  // Messages are popped as they come, by one of all members: neither in order nor by each of them.
  const mayPop = options.popMode !== 'off' && listener.mode === 'concurrent' && options.messageModel === 'CLUSTERING'
  const pops = mayPop
    ? popping(context, {
        arrived,
        released,
        isPulled: (topic) => table.all.some(({ messageQueue }) => messageQueue.topic === topic),
      })
    : undefined
  const service: ConsumeService =
    listener.mode === 'orderly'
      ? orderlyService(context, offsets, listener.listener)
      : concurrentService(context, offsets, {
          listener: listener.listener,
          heldQueues: () => table.shared + (pops?.table.size ?? 0),
          popped: pops?.popped,
        })
  const pass = rebalancePass(context, table, pops?.rebalance)
  const rebalance: RebalanceService = new RebalanceService({
    clock,
    logger,
    rebalance: (signal) => pass.run(signal),
    intervalMs: options.rebalanceIntervalMs,
    dueInMs: () => pass.dueInMs(),
    ...(locks === undefined ? {} : { retryMs: LOCKED_RETRY_MS }),
  })
  const reconnected = (address: string): void => {
    pass.reconnected(address)
  }
  return { offsets, loadOffsets, service, table, rebalance, reconnected, locks, pops }
}

/** Where a queue is begun; rejects when a broker does not answer. */
function startOf({ client, options }: EngineContext, offsets: OffsetStore): ProcessQueueTableParts['startOf'] {
  const { queueOffsets } = client
  return (queue) =>
    computePullFromWhere(queue, {
      consumeFromWhere: options.consumeFromWhere,
      readStored: (asked) => offsets.readStored(asked),
      maxOffset: (asked) => queueOffsets.max(asked),
      searchOffset: (asked, timestamp) => queueOffsets.search(asked, timestamp),
    })
}
