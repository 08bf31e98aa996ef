import { BrokerResponseError, isAbort } from '../../errors.ts'
import { type MessageExt, type MessageQueue, ResponseCode, type SubscriptionData } from '../../protocol/index.ts'
import { abortReason, type Clock, type Logger, unlessAborted } from '../../support/index.ts'
import type { ProcessQueue } from '../process-queue.ts'
import { type FlowControlReason, flowControl, hasRoom, type QueueLimits } from './flow-control.ts'
import type { PullMessage, PullResult } from './pull-message.ts'

/** What a pull loop needs from the consumer. */
export interface PullLoopParts {
  readonly clock: Clock
  readonly logger: Logger
  readonly pulls: Pick<PullMessage, 'pull'>
  /** The subscription of a topic now; `undefined` when it is not subscribed any more. */
  readonly subscriptionOf: (topic: string) => SubscriptionData | undefined
  readonly limits: () => QueueLimits
  readonly pullBatchSize: number
  readonly pullInterval: number
  /** Whether pulls carry the subscription, which brokers then need not know from heartbeats. @default false */
  readonly inline?: boolean
  /** The offset to commit along with a pull. */
  readonly commitOffset: (queue: MessageQueue) => number | undefined
  /** Resolves when the queue is not paused. */
  readonly resumed: (queue: MessageQueue, signal: AbortSignal) => Promise<void>
  /** New messages are in the process queue. */
  readonly arrived: (processQueue: ProcessQueue) => void
  /** The broker has nothing for us up to this offset and nothing is unfinished. */
  readonly passed: (queue: MessageQueue, offset: number) => void
  /** The group's offset was reset, or the one asked for was never reached: go on elsewhere. The loop ends. */
  readonly moved: (processQueue: ProcessQueue, offset: number) => Promise<void>
  /** The broker does not know our subscription: tell it. */
  readonly heartbeat: () => Promise<void>
  readonly observe: PullObserver
}

/** Who is told what pulling does. */
export interface PullObserver {
  readonly pulled: (queue: MessageQueue, result: PullResult, millis: number) => void
  readonly heldBack: (queue: MessageQueue, reason: FlowControlReason) => void
  readonly failed: (queue: MessageQueue, error: unknown) => void
}

/** How long a broker may hold a pull (`BROKER_SUSPEND_MAX_TIME_MILLIS`). */
const SUSPEND_MS = 15_000
/** After an error (`pullTimeDelayMillsWhenException`), and when the broker asks to slow down (FLOW_CONTROL). */
const RETRY_MS = 1000
const FLOW_CONTROL_RETRY_MS = 20

/**
 * Pulls one queue into its ProcessQueue: one request at a time, waiting while flow control says so
 * (`DefaultMQPushConsumerImpl#pullMessage`). The first pull is not held by the broker, so that it is known at once
 * whether there is anything.
 */
export class PullLoop {
  readonly #parts: PullLoopParts
  readonly #processQueue: ProcessQueue
  #nextOffset: number
  /** The end of the queue as the first answer told it. */
  #endAtFirst: number | undefined
  #doubted = false
  #giveUp: ((reason: Error) => void) | undefined

  constructor(parts: PullLoopParts, processQueue: ProcessQueue, startOffset: number) {
    this.#parts = parts
    this.#processQueue = processQueue
    this.#nextOffset = startOffset
  }

  /** The next offset to pull. */
  get nextOffset(): number {
    return this.#nextOffset
  }

  /** Whether all that the queue held when it was taken is finished; false before the first answer. */
  get caughtUp(): boolean {
    if (this.#endAtFirst === undefined || this.#nextOffset < this.#endAtFirst) return false
    return this.#processQueue.backlog.count === 0 || this.#processQueue.bounds.min >= this.#endAtFirst
  }

  /** Runs until the queue is revoked or the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const onAbort = (): void => {
      this.#giveUp?.(abortReason(signal))
    }
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await this.#loop(signal)
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  async #loop(signal: AbortSignal): Promise<void> {
    const { clock, pullInterval } = this.#parts
    while (!this.#processQueue.revoked) {
      signal.throwIfAborted()
      try {
        await this.#parts.resumed(this.#processQueue.messageQueue, signal)
        if (!(await this.#locked(signal))) return
        if (!(await this.#room(signal))) return
        if (!(await this.#pullOnce(signal))) return
        if (pullInterval > 0) await clock.sleep(pullInterval, { signal })
      } catch (error) {
        if (isAbort(error) && signal.aborted) throw error
        this.#parts.observe.failed(this.#processQueue.messageQueue, error)
        await this.#recover(error, signal)
      }
    }
  }

  /** A queue that is consumed in order is pulled under its lock. Resolves to false when that is lost. */
  async #locked(signal: AbortSignal): Promise<boolean> {
    const { lease } = this.#processQueue
    if (lease === undefined || lease.held) return true
    return unlessAborted(lease.settled(), signal)
  }

  /** Resolves to false when the queue was revoked meanwhile. */
  async #room(signal: AbortSignal): Promise<boolean> {
    const processQueue = this.#processQueue
    const reason = flowControl(processQueue.backlog, this.#parts.limits())
    if (reason === undefined) return true
    this.#parts.observe.heldBack(processQueue.messageQueue, reason)
    signal.throwIfAborted()
    await new Promise<void>((resolve, reject) => {
      const end = (settle: () => void): void => {
        processQueue.onRoom(undefined)
        signal.removeEventListener('abort', onAbort)
        settle()
      }
      const onAbort = (): void => {
        end(() => {
          reject(abortReason(signal))
        })
      }
      processQueue.onRoom(() => {
        if (processQueue.revoked || hasRoom(processQueue.backlog, this.#parts.limits())) end(resolve)
      })
      signal.addEventListener('abort', onAbort, { once: true })
    })
    return !processQueue.revoked
  }

  /** Resolves to false when the loop is to end. */
  async #pullOnce(signal: AbortSignal): Promise<boolean> {
    // Nobody would give up a pull that begins after the abort.
    signal.throwIfAborted()
    const { clock, pulls, pullBatchSize, commitOffset, inline } = this.#parts
    const queue = this.#processQueue.messageQueue
    const subscription = this.#parts.subscriptionOf(queue.topic)
    if (subscription === undefined) return false
    this.#processQueue.lastPullTimestamp = clock.now()
    const started = clock.monotonic()
    const pull = pulls.pull({
      queue,
      offset: this.#nextOffset,
      maxMessages: pullBatchSize,
      subscription,
      suspendMs: this.#endAtFirst === undefined ? 0 : SUSPEND_MS,
      commitOffset: commitOffset(queue),
      inline: inline ?? false,
    })
    const result = await this.#orGivenUp(pull)
    if (this.#processQueue.revoked) return false
    this.#parts.observe.pulled(queue, result, clock.monotonic() - started)
    if (this.#isDoubtful(result)) {
      this.#doubted = true
      await clock.sleep(RETRY_MS, { signal })
      return true
    }
    this.#doubted = false
    if (result.status === 'OFFSET_MOVED' && !this.#hasExpired(result)) {
      await this.#parts.moved(this.#processQueue, result.nextBeginOffset)
      return false
    }
    this.#accept(result)
    return true
  }

  /**
   * Retention has removed what comes next: go on at what is left. What is pulled already stays and is consumed; Java
   * throws it away.
   */
  #hasExpired({ nextBeginOffset, minOffset }: PullResult): boolean {
    return this.#nextOffset < minOffset && nextBeginOffset === minOffset
  }

  /**
   * The broker says that the queue ends before the offset. A 4.9 broker says so too while it has stored messages that
   * its queue does not show yet, and believing it would mean to start over: it is asked twice.
   */
  #isDoubtful({ status, maxOffset }: PullResult): boolean {
    return status === 'OFFSET_MOVED' && this.#nextOffset > maxOffset && !this.#doubted
  }

  /** A signal for each request would cost more than the request: one listener serves the whole loop. */
  #orGivenUp<T>(job: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#giveUp = reject
      job.then(resolve, reject)
    })
  }

  #accept(result: PullResult): void {
    this.#nextOffset = result.nextBeginOffset
    this.#endAtFirst ??= result.maxOffset
    if (result.messages.length > 0) this.#deliver(result.messages)
    // Filtered messages are passed over: the offset may follow once nothing before them is unfinished.
    else if (this.#processQueue.backlog.count === 0) {
      this.#parts.passed(this.#processQueue.messageQueue, result.nextBeginOffset)
    }
  }

  #deliver(messages: readonly MessageExt[]): void {
    this.#processQueue.put(messages)
    this.#parts.arrived(this.#processQueue)
  }

  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    const code = error instanceof BrokerResponseError ? error.responseCode : undefined
    const { topic, brokerName, queueId } = this.#processQueue.messageQueue
    this.#parts.logger.warn(
      `cannot pull ${topic} ${brokerName}:${queueId} at offset ${this.#nextOffset}: ${String(error)}`,
    )
    if (code === ResponseCode.SUBSCRIPTION_NOT_EXIST || code === ResponseCode.SUBSCRIPTION_NOT_LATEST) {
      await this.#orGivenUp(this.#parts.heartbeat())
    }
    await this.#parts.clock.sleep(code === ResponseCode.FLOW_CONTROL ? FLOW_CONTROL_RETRY_MS : RETRY_MS, { signal })
  }
}
