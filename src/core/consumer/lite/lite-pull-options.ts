import { UsageError } from '../../errors.ts'
import { type ConsumerOptions, consumerOptions } from '../consumer-options.ts'
import type { QueueLimits } from '../pull/flow-control.ts'
import { AllocateMessageQueueAveragely } from '../rebalance/allocate/averagely.ts'

/** What a consumer that polls shares with one that is called. */
type Shared = Pick<
  ConsumerOptions,
  | 'messageModel'
  | 'consumeFromWhere'
  | 'setZeroIfNotFound'
  | 'strategy'
  | 'pullBatchSize'
  | 'pullThresholdForQueue'
  | 'pullThresholdSizeForQueue'
  | 'awaitTerminationMs'
  | 'rebalanceIntervalMs'
>

/**
 * All settings of a lite pull consumer but its group (`DefaultLitePullConsumer.java`). `pullBatchSize` (10) is also the
 * most that one poll returns; `awaitTerminationMs` (5000) is how long a queue that another member gets is kept for the
 * next poll to say that its messages are done.
 */
export interface LitePullOptions extends Shared {
  /** Whether what counts as consumed is committed by itself. @default true */
  readonly autoCommit: boolean
  /** How often that is stored, in ms. @default 5000 (at least 1000) */
  readonly autoCommitIntervalMs: number
  /** Messages pulled ahead over all queues, shared out evenly. @default 10000 */
  readonly pullThresholdForAll: number
  /** Distance between the lowest and the highest message of a queue pulled and not consumed. @default 2000 (1–65535) */
  readonly consumeMaxSpan: number
}

/** Settings of the kind all consumers have, with the lite ones beside them. */
export type CheckedLiteOptions = ConsumerOptions & LitePullOptions

const MIB = 1024 * 1024

/** Fills in the defaults. Throws {@link UsageError} naming the first value outside its range (`checkConfig`). */
export function litePullOptions(given: Partial<LitePullOptions>): CheckedLiteOptions {
  const {
    autoCommit = true,
    autoCommitIntervalMs = 5000,
    pullThresholdForAll = 10_000,
    consumeMaxSpan = 2000,
    ...shared
  } = given
  check('autoCommitIntervalMs', autoCommitIntervalMs, { min: 1000, max: 2_147_483_647 })
  check('pullThresholdForAll', pullThresholdForAll, { min: 1, max: 2_147_483_647 })
  check('consumeMaxSpan', consumeMaxSpan, { min: 1, max: 65_535 })
  const defaults = { strategy: AllocateMessageQueueAveragely, consumeFromWhere: { from: 'last' } } as const
  const checked = consumerOptions(
    {
      pullBatchSize: 10,
      awaitTerminationMs: 5000,
      ...shared,
      concurrency: 1,
      consumeConcurrentlyMaxSpan: consumeMaxSpan,
      persistConsumerOffsetIntervalMs: autoCommitIntervalMs,
    },
    defaults,
  )
  return { ...checked, autoCommit, autoCommitIntervalMs, pullThresholdForAll, consumeMaxSpan }
}

/** The limits of one queue when this consumer holds so many in all. */
export function liteQueueLimits(options: CheckedLiteOptions, heldQueues: number): QueueLimits {
  const share = Math.max(1, Math.floor(options.pullThresholdForAll / Math.max(1, heldQueues)))
  return {
    count: Math.min(options.pullThresholdForQueue, share),
    sizeBytes: options.pullThresholdSizeForQueue * MIB,
    span: options.consumeMaxSpan,
  }
}

function check(name: string, value: number, { min, max }: { readonly min: number; readonly max: number }): void {
  if (Number.isInteger(value) && value >= min && value <= max) return
  throw new UsageError(`${name} is ${value}; it must be between ${min} and ${max}`)
}
