import { UsageError } from '../errors.ts'
import type { MessageQueue } from '../protocol/index.ts'
import type { AllocateMessageQueueStrategy } from './rebalance/allocate/strategy.ts'

/** Where a group begins in a queue for which the broker knows no offset of it. */
export type ConsumeFromWhere =
  | { readonly from: 'first' }
  | { readonly from: 'last' }
  /** The first message stored at or after a time, in ms since the epoch. */
  | { readonly from: 'timestamp'; readonly timestamp: number }
  /** Whatever the caller computes. */
  | { readonly from: 'offset'; readonly offsetOf: (queue: MessageQueue) => Promise<number> }

/**
 * Who gets a message: one member of the group, or every member (`MessageModel.java`). When broadcasting, offsets are
 * kept by each member in a file, and what fails is dropped with a warning: there is no retry and no DLQ.
 */
export type MessageModel = 'CLUSTERING' | 'BROADCASTING'

/** What one topic is subscribed with. */
export type Subscription =
  | { readonly topic: string; readonly tags?: string | undefined }
  | { readonly topic: string; readonly sql: string }
  /** By the names of the wire (`MessageSelector.java`): TAG or SQL92. */
  | { readonly topic: string; readonly expressionType: string; readonly expression: string }

/** Limits of what is pulled ahead of consumption; a pull waits while one is passed. RocketMQ's names and defaults. */
export interface FlowControlOptions {
  /** Unfinished messages of a queue. @default 1000 (1–65535) */
  readonly pullThresholdForQueue: number
  /** MiB of unfinished messages of a queue. @default 100 (1–1024) */
  readonly pullThresholdSizeForQueue: number
  /** Messages over all queues held, shared out evenly; -1: no limit. @default -1 (1–6553500) */
  readonly pullThresholdForTopic: number
  /** MiB over all queues held, shared out evenly; -1: no limit. @default -1 (1–102400) */
  readonly pullThresholdSizeForTopic: number
  /** Distance between the lowest and the highest unfinished offset of a queue. @default 2000 (1–65535) */
  readonly consumeConcurrentlyMaxSpan: number
}

/** All settings of a push consumer but its group and subscriptions (`DefaultMQPushConsumer.java`). */
export interface ConsumerOptions extends FlowControlOptions {
  /** @default CLUSTERING */
  readonly messageModel: MessageModel
  readonly consumeFromWhere: ConsumeFromWhere
  /**
   * Whether a queue that still holds its very first message counts as committed at 0 for a new group, as for Java
   * clients; without it `consumeFromWhere` holds there too. Brokers before 5.0 do so in any case. @default true
   */
  readonly setZeroIfNotFound: boolean
  /** Listener calls in flight at once. @default 20 (1–1000) */
  readonly concurrency: number
  /** Messages per listener call. @default 1 (1–1024) */
  readonly consumeMessageBatchMaxSize: number
  /** Messages asked for in one pull; brokers give at most 32 by default. @default 32 (1–1024) */
  readonly pullBatchSize: number
  /** Pause between two pulls of a queue, in ms. @default 0 (0–65535) */
  readonly pullInterval: number
  /** How often a message is consumed again before it goes to the DLQ; -1: 16 times, in order without end. @default -1 */
  readonly maxReconsumeTimes: number
  /** In order: how long a queue rests after a failure, in ms. @default 1000 (10–30000) */
  readonly suspendCurrentQueueTimeMillis: number
  /** In order: how often the locks of queues are renewed, in ms (`rocketmq.client.rebalance.lockInterval`). @default 20000 */
  readonly lockIntervalMs: number
  /**
   * In order: how long a lock that is not renewed lets this member take steps, in ms; brokers keep it twice as long
   * (`rocketmq.client.rebalance.lockMaxLiveTime`). @default 30000
   */
  readonly lockMaxLiveTimeMs: number
  /** How long a listener call may take before its message is sent back, in ms. @default 900000 */
  readonly consumeTimeoutMs: number
  /** How long `close` and a lost queue wait for running listener calls, in ms. @default 30000 */
  readonly awaitTerminationMs: number
  /**
   * `ask`: brokers say how the group consumes each topic, PULL or POP, and it goes over from one to the other while it
   * runs. `off`: it always pulls. @default 'ask'
   */
  readonly popMode: 'ask' | 'off'
  /** How long a popped message is hidden from others; renewed while it is being handled. In ms. @default 60000 (5000–300000) */
  readonly popInvisibleTime: number
  /** Messages asked for in one POP. @default 32 (1–32) */
  readonly popBatchNums: number
  /** Unfinished popped messages of a queue at which popping waits. @default 96 (1–1024) */
  readonly popThresholdForQueue: number
  /** @default AllocateMessageQueueAveragely */
  readonly strategy: AllocateMessageQueueStrategy
  /**
   * How long a queue that another live member has had is left alone before this one takes it, in ms: its old owner ends
   * its calls and stores its offset meanwhile. 0: not at all, as Java. @default 500 (0–60000)
   */
  readonly handoverMs: number
  /** @default 5000 */
  readonly persistConsumerOffsetIntervalMs: number
  /** @default 20000 */
  readonly rebalanceIntervalMs: number
}

type NumericOption = {
  [K in keyof ConsumerOptions]: ConsumerOptions[K] extends number ? K : never
}[keyof ConsumerOptions]

/** Default, lowest and highest value; `off` is a value outside the range that means no limit. */
const ranges: Readonly<
  Record<NumericOption, { readonly usual: number; readonly min: number; readonly max: number; readonly off?: number }>
> = {
  concurrency: { usual: 20, min: 1, max: 1000 },
  consumeMessageBatchMaxSize: { usual: 1, min: 1, max: 1024 },
  pullBatchSize: { usual: 32, min: 1, max: 1024 },
  pullInterval: { usual: 0, min: 0, max: 65_535 },
  maxReconsumeTimes: { usual: -1, min: 0, max: 2_147_483_647, off: -1 },
  suspendCurrentQueueTimeMillis: { usual: 1000, min: 10, max: 30_000 },
  lockIntervalMs: { usual: 20_000, min: 1, max: 2_147_483_647 },
  lockMaxLiveTimeMs: { usual: 30_000, min: 1, max: 2_147_483_647 },
  consumeTimeoutMs: { usual: 900_000, min: 1, max: 2_147_483_647 },
  awaitTerminationMs: { usual: 30_000, min: 0, max: 2_147_483_647 },
  persistConsumerOffsetIntervalMs: { usual: 5000, min: 1, max: 2_147_483_647 },
  handoverMs: { usual: 500, min: 0, max: 60_000 },
  rebalanceIntervalMs: { usual: 20_000, min: 1, max: 2_147_483_647 },
  pullThresholdForQueue: { usual: 1000, min: 1, max: 65_535 },
  pullThresholdSizeForQueue: { usual: 100, min: 1, max: 1024 },
  pullThresholdForTopic: { usual: -1, min: 1, max: 6_553_500, off: -1 },
  pullThresholdSizeForTopic: { usual: -1, min: 1, max: 102_400, off: -1 },
  popInvisibleTime: { usual: 60_000, min: 5000, max: 300_000 },
  popBatchNums: { usual: 32, min: 1, max: 32 },
  popThresholdForQueue: { usual: 96, min: 1, max: 1024 },
  consumeConcurrentlyMaxSpan: { usual: 2000, min: 1, max: 65_535 },
}

/** Fills in the defaults. Throws {@link UsageError} naming the first value outside its range (`checkConfig`). */
export function consumerOptions(
  given: Partial<ConsumerOptions>,
  defaults: Pick<ConsumerOptions, 'strategy' | 'consumeFromWhere'>,
): ConsumerOptions {
  const numbers = Object.entries(ranges).map(([name, range]) => {
    const value = given[name as NumericOption] ?? range.usual
    const inRange = Number.isInteger(value) && value >= range.min && value <= range.max
    if (!inRange && value !== range.off) {
      const off = range.off === undefined ? '' : `, or ${range.off}`
      throw new UsageError(`${name} is ${value}; it must be between ${range.min} and ${range.max}${off}`)
    }
    return [name, value] as const
  })
  return {
    messageModel: 'CLUSTERING',
    setZeroIfNotFound: true,
    popMode: 'ask',
    ...defaults,
    ...given,
    ...(Object.fromEntries(numbers) as Record<NumericOption, number>),
  }
}
