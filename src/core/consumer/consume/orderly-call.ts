import type { MessageQueue } from '../../protocol/index.ts'
import type { Batch, ProcessQueue } from '../process-queue.ts'
import type { ConsumeOrderlyContext, ConsumeOrderlyStatus } from './message-listener-orderly.ts'

/** `ackIndex` that means all. */
const ALL = 2_147_483_647

/** The consumer's settings of a call, which a listener may change for it. */
export interface OrderlyDefaults {
  readonly suspendCurrentQueueTimeMillis: number
  readonly maxReconsumeTimes: number
}

/** What a call needs from whoever makes it. */
export interface OrderlyCallParts extends OrderlyDefaults {
  /** Told when {@link OrderlyCall.acknowledgement} has come. */
  readonly acknowledged: (call: OrderlyCall) => void
}

/** One call of an orderly listener, from the taking of its messages to their end. */
export class OrderlyCall implements ConsumeOrderlyContext {
  readonly processQueue: ProcessQueue
  readonly batch: Batch
  /** By the monotonic clock. */
  readonly startedAt: number
  autoCommit = true
  suspendCurrentQueueTimeMillis: number
  maxReconsumeTimes: number
  ackIndex = ALL
  leaveRest = false
  /** What came by {@link acknowledge}. */
  acknowledgement: ConsumeOrderlyStatus | undefined
  /** An earlier call of the queue, which has failed: this one counts for nothing. */
  overruledBy: OrderlyCall | undefined
  readonly #parts: OrderlyCallParts
  #signal: AbortSignal | undefined

  constructor(processQueue: ProcessQueue, batch: Batch, startedAt: number, parts: OrderlyCallParts) {
    this.processQueue = processQueue
    this.batch = batch
    this.startedAt = startedAt
    this.#parts = parts
    this.suspendCurrentQueueTimeMillis = parts.suspendCurrentQueueTimeMillis
    this.maxReconsumeTimes = parts.maxReconsumeTimes
  }

  get messageQueue(): MessageQueue {
    return this.processQueue.messageQueue
  }

  /** Made when first asked for, so that whoever listens to it for long holds on to this call only. */
  get signal(): AbortSignal {
    const { lease } = this.processQueue
    this.#signal ??= lease === undefined ? new AbortController().signal : AbortSignal.any([lease.lost])
    return this.#signal
  }

  async confirmLock(): Promise<boolean> {
    return (await this.processQueue.lease?.settled()) ?? true
  }

  get isCurrent(): boolean {
    return this.overruledBy === undefined && !this.processQueue.dropped && isHeld(this.processQueue)
  }

  acknowledge(status: ConsumeOrderlyStatus): void {
    if (this.acknowledgement !== undefined) return
    this.acknowledgement = status
    this.#parts.acknowledged(this)
  }

  /** How many messages succeeded, from the first one on, when the status is SUCCESS. */
  get acked(): number {
    return this.ackIndex >= 0 ? Math.min(Math.floor(this.ackIndex) + 1, this.batch.messages.length) : 0
  }

  /** How long the queue is to rest; -1 is the consumer's setting, as in Java. */
  get restMs(): number {
    const { suspendCurrentQueueTimeMillis: asked } = this
    return asked === -1 ? this.#parts.suspendCurrentQueueTimeMillis : asked
  }

  /** Whether SUCCESS simply commits all of it. */
  get isPlain(): boolean {
    return this.autoCommit && this.acked === this.batch.messages.length
  }

  /** The place in its queue after its last message. */
  get end(): number {
    return this.batch.first + this.batch.messages.length
  }
}

/** Whether a call may be made of a queue, and what one has said may count. */
export function isHeld({ lease }: ProcessQueue): boolean {
  return lease === undefined || lease.held
}
