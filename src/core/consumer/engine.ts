import type { ClientInstance } from '../client/index.ts'
import type { MessageQueue } from '../protocol/index.ts'
import type { TaskScope } from '../support/index.ts'
import { ConsumeMessageConcurrentlyService } from './consume/consume-message-concurrently-service.ts'
import type { MessageListenerConcurrently } from './consume/message-listener.ts'
import { SendMessageBack } from './consume/send-message-back.ts'
import type { ConsumerOptions } from './consumer-options.ts'
import type { ConsumerStats } from './consumer-stats.ts'
import { groupMembers } from './group-members.ts'
import type { OffsetStore } from './offset/offset-store.ts'
import { computePullFromWhere } from './offset/pull-from-where.ts'
import { RemoteBrokerOffsetStore } from './offset/remote-broker-offset-store.ts'
import type { Pause } from './pause.ts'
import { ProcessQueueTable } from './process-queue-table.ts'
import { queueLimits } from './pull/flow-control.ts'
import type { PullLoopParts } from './pull/pull-loop.ts'
import { PullMessage } from './pull/pull-message.ts'
import { Rebalance } from './rebalance/rebalance.ts'
import { RebalanceService } from './rebalance/rebalance-service.ts'
import type { SubscriptionTable } from './subscription-table.ts'

/** What the parts of an engine share. */
export interface EngineContext {
  readonly client: ClientInstance
  readonly group: string
  readonly options: ConsumerOptions
  readonly subscriptions: SubscriptionTable
  readonly listener: MessageListenerConcurrently
  readonly stats: ConsumerStats
  readonly pause: Pause
  /** Owns the pull loops and all that goes on beside them. */
  readonly pulling: TaskScope
  readonly onQueuesChanged: (topic: string, assigned: readonly MessageQueue[]) => void
}

/** The parts of a running consumer, wired; none of them knows the consumer. */
export interface Engine {
  readonly offsets: OffsetStore
  readonly service: ConsumeMessageConcurrentlyService
  readonly table: ProcessQueueTable
  readonly rebalance: RebalanceService
}

/** Java's default when `maxReconsumeTimes` is -1. */
const DEFAULT_MAX_RECONSUME_TIMES = 16

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
  const service: ConsumeMessageConcurrentlyService = consumeService(context, offsets, () => table.shared)
  const pass = rebalancePass(context, table)
  const rebalance: RebalanceService = new RebalanceService({
    clock,
    logger,
    rebalance: (signal) => pass.run(signal),
    intervalMs: options.rebalanceIntervalMs,
  })
  return { offsets, service, table, rebalance }
}

function consumeService(
  context: EngineContext,
  offsets: OffsetStore,
  heldQueues: () => number,
): ConsumeMessageConcurrentlyService {
  const { client, group, options, stats, listener } = context
  const { clock, logger, remoting, routes } = client
  const sendBack = new SendMessageBack({
    group,
    remoting,
    logger,
    maxReconsumeTimes: options.maxReconsumeTimes === -1 ? DEFAULT_MAX_RECONSUME_TIMES : options.maxReconsumeTimes,
    masterOf: (brokerName, topic) => routes.findMaster(brokerName, topic),
    publishQueuesOf: async (topic) => (await routes.get(topic))?.publishQueues ?? [],
    now: () => clock.now(),
  })
  return new ConsumeMessageConcurrentlyService(
    {
      clock,
      logger,
      listener,
      batchMaxSize: options.consumeMessageBatchMaxSize,
      consumeTimeoutMs: options.consumeTimeoutMs,
      sendBack: (message, delayLevel) => {
        // As ConsumeMessageConcurrentlyService#sendMessageBack: the listener saw the user's name of the topic.
        message.topic = client.wireName(message.topic)
        return sendBack.send(message, delayLevel)
      },
      finished: (queue, offset) => {
        offsets.update(queue, offset, { increaseOnly: true })
      },
      heldQueues,
      consumed: (queue, outcome) => {
        stats.consumed(queue.topic, outcome)
      },
    },
    options.concurrency,
  )
}

function pullParts(
  context: EngineContext,
  parts: Pick<PullLoopParts, 'arrived' | 'moved'> & { readonly offsets: OffsetStore; readonly held: () => number },
): PullLoopParts {
  const { client, group, options, subscriptions, stats, pause } = context
  const { clock, logger, remoting, routes } = client
  return {
    clock,
    logger,
    pulls: new PullMessage({
      group,
      remoting,
      replicaOf: (queue, brokerId) => routes.findReplica(queue.brokerName, queue.topic, brokerId),
    }),
    subscriptionOf: (topic) => subscriptions.get(topic),
    limits: () => queueLimits(options, parts.held()),
    pullBatchSize: options.pullBatchSize,
    pullInterval: options.pullInterval,
    // Offset 0 does not ride along: it is what a broker without an offset says anyway (DefaultMQPushConsumerImpl).
    commitOffset: (queue) => positive(parts.offsets.inMemory(queue)),
    resumed: (signal) => pause.passed(signal),
    arrived: parts.arrived,
    passed: (queue, offset) => {
      parts.offsets.update(queue, offset, { increaseOnly: true })
    },
    moved: parts.moved,
    heartbeat: () => client.heartbeat(),
    observe: {
      pulled: (queue, result, millis) => {
        if (result.messages.length > 0) stats.pulled(queue.topic, result.messages.length, millis)
      },
      heldBack: () => undefined,
      failed: () => undefined,
    },
  }
}

function positive(offset: number | undefined): number | undefined {
  return offset === 0 ? undefined : offset
}

function rebalancePass(context: EngineContext, table: ProcessQueueTable): Rebalance {
  const { client, group, options, subscriptions, pulling } = context
  const { clock, clientId, logger, routes } = client
  return new Rebalance({
    group,
    clientId,
    strategy: options.strategy,
    logger,
    topics: () => subscriptions.topics,
    queuesOf: async (topic) => (await routes.get(topic))?.subscribeQueues,
    membersOf: (topic) => groupMembers(client, group, topic),
    notListed: () => client.heartbeat(),
    held: () =>
      table.all.map((held) => ({
        messageQueue: held.messageQueue,
        releasing: held.releasing,
        stalled: held.stalled,
      })),
    release: (queue) => {
      pulling.run(`giving up ${queue.brokerName}:${queue.queueId}`, () => table.release(queue))
    },
    acquire: (queue) => table.acquire(queue),
    changed: async (topic, _all, assigned) => {
      subscriptions.touch(topic, clock.now())
      context.onQueuesChanged(topic, assigned)
      await client.heartbeat()
    },
  })
}
