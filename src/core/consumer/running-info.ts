import type { ConsumerRunningInfo, ProcessQueueInfo, SubscriptionData } from '../protocol/index.ts'
import type { ConsumerOptions } from './consumer-options.ts'
import type { ConsumerStats } from './consumer-stats.ts'
import type { OffsetStore } from './offset/offset-store.ts'
import type { PopQueue } from './pop/pop-table.ts'
import type { HeldQueue } from './process-queue-table.ts'
import { heldFacts } from './watch/held-facts.ts'

/** What running info is made of. */
export interface RunningInfoParts {
  readonly group: string
  readonly clientId: string
  readonly nameServers: readonly string[]
  readonly startedAt: number
  readonly now: number
  readonly options: ConsumerOptions
  /** Consumes in order. @default false */
  readonly orderly?: boolean
  /** @default CONSUME_PASSIVELY */
  readonly consumeType?: 'CONSUME_ACTIVELY' | undefined
  readonly subscriptions: readonly SubscriptionData[]
  readonly queues: readonly HeldQueue[]
  readonly popQueues?: readonly PopQueue[]
  readonly offsets: Pick<OffsetStore, 'inMemory'>
  readonly stats: ConsumerStats
  /** What the process does, if asked for. */
  readonly stack: string | undefined
}

const MIB = 1024 * 1024

/** The answer to GET_CONSUMER_RUNNING_INFO, with every property mqadmin reads (`DefaultMQPushConsumerImpl#consumerRunningInfo`). */
export function runningInfo(parts: RunningInfoParts): ConsumerRunningInfo {
  const { subscriptions, queues, stats, now } = parts
  return {
    jstack: parts.stack,
    mqPopTable: (parts.popQueues ?? []).map(({ messageQueue, processQueue }) => [
      messageQueue,
      {
        droped: processQueue.dropped,
        lastPopTimestamp: processQueue.lastPullTimestamp,
        waitAckCount: processQueue.backlog.count,
      },
    ]),
    mqTable: queues.map((held) => [held.messageQueue, processQueueInfo(held, parts.offsets)]),
    properties: properties(parts),
    statusTable: new Map(subscriptions.map(({ topic }) => [topic, stats.status(topic, now)])),
    subscriptionSet: subscriptions,
    userConsumerInfo: new Map(),
  }
}

function processQueueInfo(held: HeldQueue, offsets: Pick<OffsetStore, 'inMemory'>): ProcessQueueInfo {
  const facts = heldFacts(held, offsets)
  const { lock } = facts
  // In order, what is taken is shown apart (ProcessQueue#consumingMsgOrderlyTreeMap).
  const taken = lock === undefined ? { count: 0, min: 0, max: 0 } : held.processQueue.taken
  const cached = facts.cached - taken.count
  return {
    cachedMsgCount: cached,
    cachedMsgMaxOffset: cached === 0 ? 0 : facts.highest,
    cachedMsgMinOffset: taken.count === 0 ? facts.lowest : held.processQueue.nextOffset,
    cachedMsgSizeInMiB: Math.floor(facts.cachedBytes / MIB),
    commitOffset: facts.committed,
    droped: facts.dropped,
    lastConsumeTimestamp: facts.lastConsume,
    lastLockTimestamp: lock?.confirmedAt ?? 0,
    lastPullTimestamp: facts.lastPull,
    // Java shows true for concurrent consumers as well, and tools rely on it.
    locked: lock?.held ?? true,
    transactionMsgCount: taken.count,
    transactionMsgMaxOffset: taken.max,
    transactionMsgMinOffset: taken.min,
    tryUnlockTimes: 0,
  }
}

/** Named as Java's fields; nothing in here may ever be a secret. */
function properties(parts: RunningInfoParts): ReadonlyMap<string, string> {
  const { options } = parts
  return new Map<string, string>([
    ['PROP_NAMESERVER_ADDR', parts.nameServers.map((address) => `${address};`).join('')],
    ['PROP_CONSUME_TYPE', parts.consumeType ?? 'CONSUME_PASSIVELY'],
    ['PROP_CLIENT_VERSION', 'V4_9_3'],
    ['PROP_CONSUMEORDERLY', String(parts.orderly ?? false)],
    ['PROP_THREADPOOL_CORE_SIZE', String(options.concurrency)],
    ['PROP_CONSUMER_START_TIMESTAMP', String(parts.startedAt)],
    ['consumerGroup', parts.group],
    ['messageModel', options.messageModel],
    ['consumeFromWhere', consumeFromWhereName(options.consumeFromWhere)],
    ['allocateMessageQueueStrategy', options.strategy.name],
    ['consumeThreadMin', String(options.concurrency)],
    ['consumeThreadMax', String(options.concurrency)],
    ['consumeMessageBatchMaxSize', String(options.consumeMessageBatchMaxSize)],
    ['consumeConcurrentlyMaxSpan', String(options.consumeConcurrentlyMaxSpan)],
    ['pullThresholdForQueue', String(options.pullThresholdForQueue)],
    ['pullThresholdSizeForQueue', String(options.pullThresholdSizeForQueue)],
    ['pullThresholdForTopic', String(options.pullThresholdForTopic)],
    ['pullThresholdSizeForTopic', String(options.pullThresholdSizeForTopic)],
    ['pullBatchSize', String(options.pullBatchSize)],
    ['pullInterval', String(options.pullInterval)],
    ['maxReconsumeTimes', String(options.maxReconsumeTimes)],
    ['suspendCurrentQueueTimeMillis', String(options.suspendCurrentQueueTimeMillis)],
    ['consumeTimeout', String(Math.max(1, Math.round(options.consumeTimeoutMs / 60_000)))],
    ['clientRebalance', 'true'],
    ['clientIP', parts.clientId.slice(0, parts.clientId.indexOf('@'))],
    ['instanceName', parts.clientId.slice(parts.clientId.indexOf('@') + 1)],
  ])
}

/** The name heartbeats and running info use. */
export function consumeFromWhereName(where: ConsumerOptions['consumeFromWhere']): string {
  switch (where.from) {
    case 'first':
      return 'CONSUME_FROM_FIRST_OFFSET'
    case 'timestamp':
      return 'CONSUME_FROM_TIMESTAMP'
    case 'last':
    case 'offset':
      return 'CONSUME_FROM_LAST_OFFSET'
  }
}
