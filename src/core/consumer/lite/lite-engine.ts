import type { ClientInstance } from '../../client/index.ts'
import { type MessageQueue, queueKey } from '../../protocol/index.ts'
import type { TaskScope } from '../../support/index.ts'
import { offsetStore } from '../assemble/offset-store.ts'
import type { ConsumerStats } from '../consumer-stats.ts'
import { groupMembers } from '../group-members.ts'
import type { OffsetStore } from '../offset/offset-store.ts'
import { computePullFromWhere } from '../offset/pull-from-where.ts'
import type { Pause } from '../pause.ts'
import { type HeldQueue, ProcessQueueTable } from '../process-queue-table.ts'
import type { PullLoopParts } from '../pull/pull-loop.ts'
import { PullMessage } from '../pull/pull-message.ts'
import { AllocateAllQueues } from '../rebalance/allocate/all-queues.ts'
import { Rebalance } from '../rebalance/rebalance.ts'
import { RebalanceService } from '../rebalance/rebalance-service.ts'
import { type CheckedLiteOptions, liteQueueLimits } from './lite-pull-options.ts'
import type { LiteSubscriptions } from './lite-subscriptions.ts'
import { Polling } from './polling.ts'

/** What the parts of a lite engine share. */
export interface LiteContext {
  readonly client: ClientInstance
  readonly group: string
  readonly options: CheckedLiteOptions
  readonly offsetsDirectory: string | undefined
  readonly subscriptions: LiteSubscriptions
  readonly stats: ConsumerStats
  readonly pause: Pause
  /** Owns the pull loops and all that goes on beside them. */
  readonly pulling: TaskScope
  readonly onQueuesChanged: (topic: string, assigned: readonly MessageQueue[]) => void
}

/** The parts of a lite pull consumer, wired; none of them knows the consumer. */
export interface LiteEngine {
  readonly offsets: OffsetStore
  readonly loadOffsets: () => Promise<void>
  /** Stores what is remembered of these queues, or rejects. */
  readonly commit: (queues: readonly MessageQueue[]) => Promise<void>
  readonly table: ProcessQueueTable
  readonly polling: Polling
  readonly rebalance: RebalanceService
  /** Offsets at which queues are to be begun that are assigned and not taken yet, by queue key. */
  readonly seeks: Map<string, number>
  /** Remembers up to where a queue is consumed, to be stored with the next persist. */
  readonly remember: (held: HeldQueue) => void
}

/** The lowest offset of a queue that does not count as consumed: what a commit stores. */
export function positionOf({ processQueue, pullLoop }: HeldQueue): number {
  return processQueue.backlog.count === 0 ? pullLoop.nextOffset : processQueue.bounds.min
}

/** Builds the chain a message travels: pull loop → ProcessQueue → poll → offset. */
export function buildLiteEngine(context: LiteContext): LiteEngine {
  const { client, options, pulling, pause } = context
  const { clock, logger } = client
  const { offsets, load, commit } = offsetStore(context)
  const polling = new Polling(clock, (queue) => pause.holds(queue))
  const seeks = new Map<string, number>()
  const remember = (held: HeldQueue): void => {
    if (!held.processQueue.dropped) offsets.update(held.messageQueue, positionOf(held), { increaseOnly: false })
  }
  const table: ProcessQueueTable = new ProcessQueueTable({
    clock,
    scope: pulling,
    offsets,
    pullParts: pullParts(context, {
      held: () => table.size,
      arrived: (processQueue) => {
        polling.add(processQueue)
      },
      moved: (processQueue, offset) => table.moveTo(processQueue.messageQueue, offset),
    }),
    startOf: async (queue) => {
      const start = await startOf(queue, context, offsets)
      const sought = seeks.get(queueKey(queue))
      seeks.delete(queueKey(queue))
      return sought === undefined ? start : { offset: sought, committed: false, sought: true }
    },
    drained: async (processQueue) => {
      const drained = await polling.drained(processQueue, options.awaitTerminationMs)
      const held = table.get(processQueue.messageQueue)
      if (options.autoCommit && held !== undefined) remember(held)
      return drained
    },
    released: () => {
      rebalance.wake()
    },
  })
  const pass = rebalancePass(context, table)
  const rebalance: RebalanceService = new RebalanceService({
    clock,
    logger,
    rebalance: (signal) => pass.run(signal),
    intervalMs: options.rebalanceIntervalMs,
  })
  return { offsets, loadOffsets: load, commit, table, polling, rebalance, seeks, remember }
}

function startOf(queue: MessageQueue, { client, options }: LiteContext, offsets: OffsetStore) {
  return computePullFromWhere(queue, {
    consumeFromWhere: options.consumeFromWhere,
    readStored: (asked) => offsets.readStored(asked),
    maxOffset: (asked) => client.queueOffsets.max(asked),
    searchOffset: (asked, timestamp) => client.queueOffsets.search(asked, timestamp),
  })
}

/** Nothing is committed along with pulls: what counts as consumed is for the polls to say. */
function pullParts(
  { client, group, options, subscriptions, stats, pause }: LiteContext,
  parts: Pick<PullLoopParts, 'arrived' | 'moved'> & { readonly held: () => number },
): PullLoopParts {
  const { clock, logger, remoting, routes } = client
  return {
    clock,
    logger,
    pulls: new PullMessage({
      group,
      remoting,
      lite: true,
      replicaOf: ({ brokerName, topic }, brokerId) =>
        routes.replicaOf(brokerName, brokerId) ?? routes.findReplica(brokerName, topic, brokerId),
    }),
    subscriptionOf: (topic) => subscriptions.get(topic),
    limits: () => liteQueueLimits(options, parts.held()),
    pullBatchSize: options.pullBatchSize,
    pullInterval: 0,
    inline: true,
    commitOffset: () => undefined,
    paused: (queue) => pause.holds(queue),
    resumed: (queue, signal) => pause.passed(queue, signal),
    arrived: parts.arrived,
    passed: () => undefined,
    moved: parts.moved,
    heartbeat: () => client.heartbeat(),
    observe: {
      pulled: (queue, { messages }, millis) => {
        if (messages.length > 0) stats.pulled(queue.topic, messages.length, millis)
      },
      heldBack: () => undefined,
      freed: () => undefined,
      failed: () => undefined,
    },
  }
}

function rebalancePass(context: LiteContext, table: ProcessQueueTable): Rebalance {
  const { client, group, options, subscriptions, pulling } = context
  const { clientId, logger, routes } = client
  const isAlone = (): boolean => subscriptions.assigns || options.messageModel === 'BROADCASTING'
  return new Rebalance({
    group,
    clientId,
    strategy: {
      name: options.strategy.name,
      allocate: (asked) => (isAlone() ? AllocateAllQueues : options.strategy).allocate(asked),
    },
    logger,
    topics: () => subscriptions.topics,
    queuesOf: async (topic) => subscriptions.assignedOf(topic) ?? (await routes.get(topic))?.subscribeQueues,
    membersOf: async (topic) => (isAlone() ? [clientId] : (await groupMembers(client, group, topic))?.clientIds),
    notListed: () => client.heartbeat(),
    held: () => table.all,
    release: (queue) => {
      pulling.run(`giving up ${queue.brokerName}:${queue.queueId}`, () => table.release(queue))
    },
    acquire: (queue) => table.acquire(queue),
    changed: (topic, _all, assigned) => {
      context.onQueuesChanged(topic, assigned)
      return Promise.resolve()
    },
  })
}
