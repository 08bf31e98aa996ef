import type { ConsumeService } from '../consume/consume-service.ts'
import type { OffsetStore } from '../offset/offset-store.ts'
import { computePullFromWhere } from '../offset/pull-from-where.ts'
import { RemoteBrokerOffsetStore } from '../offset/remote-broker-offset-store.ts'
import type { ProcessQueue } from '../process-queue.ts'
import { ProcessQueueTable } from '../process-queue-table.ts'
import { RebalanceService } from '../rebalance/rebalance-service.ts'
import { concurrentService } from './concurrent-service.ts'
import type { EngineContext } from './engine-context.ts'
import { type Popping, popping } from './popping.ts'
import { pullParts } from './pull-parts.ts'
import { rebalancePass } from './rebalance-pass.ts'

/** The parts of a running consumer, wired; none of them knows the consumer. */
export interface Engine {
  readonly offsets: OffsetStore
  readonly service: ConsumeService
  readonly table: ProcessQueueTable
  readonly rebalance: RebalanceService
  /** Absent where no broker is asked for POP. */
  readonly pops: Popping | undefined
}

/** Builds the chain a message travels: pull loop → ProcessQueue → listener → offset. */
export function buildEngine(context: EngineContext): Engine {
  const { client, group, options, pulling } = context
  const { clock, remoting, routes, logger, queueOffsets } = client
  const offsets = new RemoteBrokerOffsetStore({
    group,
    remoting,
    addressOf: async (brokerName, topic) => (await routes.findReplica(brokerName, topic, 0))?.address,
    logger,
    setZeroIfNotFound: options.setZeroIfNotFound,
  })
  const arrived = (processQueue: ProcessQueue): void => {
    service.submit(processQueue)
  }
  const table: ProcessQueueTable = new ProcessQueueTable({
    clock,
    scope: pulling,
    offsets,
    pullParts: pullParts(context, {
      offsets,
      held: () => table.size,
      arrived,
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
  const pops =
    options.popMode === 'off'
      ? undefined
      : popping(context, {
          arrived,
          released: () => {
            service.heldQueuesChanged()
            rebalance.wake()
          },
          isPulled: (topic) => table.all.some(({ messageQueue }) => messageQueue.topic === topic),
        })
  const service: ConsumeService = concurrentService(context, offsets, {
    heldQueues: () => table.shared + (pops?.table.size ?? 0),
    popped: pops?.popped,
  })
  const pass = rebalancePass(context, table, pops?.rebalance)
  const rebalance: RebalanceService = new RebalanceService({
    clock,
    logger,
    rebalance: (signal) => pass.run(signal),
    intervalMs: options.rebalanceIntervalMs,
  })
  return { offsets, service, table, rebalance, pops }
}
