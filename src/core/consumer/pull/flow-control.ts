import type { FlowControlOptions } from '../consumer-options.ts'
import type { Backlog } from '../process-queue.ts'

/** Why a queue is not pulled right now. */
export type FlowControlReason = 'count' | 'size' | 'span'

/** The limits that hold for one queue right now. */
export interface QueueLimits {
  readonly count: number
  readonly sizeBytes: number
  readonly span: number
}

const MIB = 1024 * 1024

/**
 * The limits of one queue when this consumer holds `heldQueues` in all: the topic thresholds are shared out over them
 * (`RebalancePushImpl#messageQueueChanged`; Java counts the queues of all topics, and so do we).
 */
export function queueLimits(options: FlowControlOptions, heldQueues: number): QueueLimits {
  const share = (total: number): number => Math.max(1, Math.floor(total / Math.max(1, heldQueues)))
  const { pullThresholdForTopic: forTopic, pullThresholdSizeForTopic: sizeForTopic } = options
  return {
    count: forTopic === -1 ? options.pullThresholdForQueue : share(forTopic),
    sizeBytes: (sizeForTopic === -1 ? options.pullThresholdSizeForQueue : share(sizeForTopic)) * MIB,
    span: options.consumeConcurrentlyMaxSpan,
  }
}

/** The limit that a backlog passes, if any; in the order Java asks (`DefaultMQPushConsumerImpl#pullMessage`). */
export function flowControl(backlog: Backlog, limits: QueueLimits): FlowControlReason | undefined {
  if (backlog.count > limits.count) return 'count'
  if (backlog.sizeBytes > limits.sizeBytes) return 'size'
  if (backlog.span > limits.span) return 'span'
  return undefined
}

/** Whether a queue that was held back has room for a while: 90 % of each limit, so that it does not stop again at once. */
export function hasRoom(backlog: Backlog, limits: QueueLimits): boolean {
  const share = 0.9
  return (
    backlog.count <= limits.count * share &&
    backlog.sizeBytes <= limits.sizeBytes * share &&
    backlog.span <= limits.span * share
  )
}
