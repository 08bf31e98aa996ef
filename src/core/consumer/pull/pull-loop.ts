import { BrokerResponseError } from '../../errors.ts'
import { type MessageExt, type MessageQueue, ResponseCode, type SubscriptionData } from '../../protocol/index.ts'
import type { Receiver } from '../../remoting/index.ts'
import type { Clock, Logger } from '../../support/index.ts'
import type { ProcessQueue } from '../process-queue.ts'
import { type FlowControlReason, flowControl, hasRoom, type QueueLimits } from './flow-control.ts'
import type { Pull, PullMessage, PullResult } from './pull-message.ts'

/** What a pull loop needs from the consumer. */
export interface PullLoopParts {
  readonly clock: Clock
  readonly logger: Logger
  readonly pulls: Pick<PullMessage, 'ask'>
  /** The subscription of a topic now; `undefined` when it is not subscribed any more. */
  readonly subscriptionOf: (topic: string) => SubscriptionData | undefined
  readonly limits: () => QueueLimits
  readonly pullBatchSize: number
  readonly pullInterval: number
  /** Whether pulls carry the subscription, which brokers then need not know from heartbeats. @default false */
  readonly inline?: boolean
  /** The offset to commit along with a pull. */
  readonly commitOffset: (queue: MessageQueue) => number | undefined
  readonly paused: (queue: MessageQueue) => boolean
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
  /** A pull from an offset was answered. */
  readonly pulled: (queue: MessageQueue, result: PullResult, millis: number, offset: number) => void
  readonly heldBack: (queue: MessageQueue, reason: FlowControlReason) => void
  /** There is room again, or nobody waits for it any more. */
  readonly freed: (queue: MessageQueue, reason: FlowControlReason) => void
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
  /** The bounds of the queue as the last answer told them. */
  #min = 0
  #max = 0
  #heldBack = false
  #doubted = false
  #isAsking = false
  readonly #receiver: Receiver<PullResult> = {
    answered: (result) => {
      if (this.#ended) return
      this.#isAsking = false
      this.#goOn(result)
    },
    failed: (error) => {
      if (!this.#ended) this.#failed(error)
    },
  }
  #end: (fault?: Error) => void = () => undefined
  #giveUp: ((reason: Error) => void) | undefined
  #stopped: Error | undefined
  /** Made when something is waited for that needs a signal: most queues of many wait for their brokers. */
  #stopping: AbortController | undefined
  #ended = false
  #askedAt = 0

  constructor(parts: PullLoopParts, processQueue: ProcessQueue, startOffset: number) {
    this.#parts = parts
    this.#processQueue = processQueue
    this.#nextOffset = startOffset
  }

  /** The next offset to pull. */
  get nextOffset(): number {
    return this.#nextOffset
  }

  /** The bounds of the queue as its broker told them with the last answer; `undefined` before the first. */
  get bounds(): { readonly min: number; readonly max: number } | undefined {
    return this.#endAtFirst === undefined ? undefined : { min: this.#min, max: this.#max }
  }

  /** Whether a limit of flow control holds it back. */
  get heldBack(): boolean {
    return this.#heldBack
  }

  /** Whether all that the queue held when it was taken is finished; false before the first answer. */
  get caughtUp(): boolean {
    if (this.#endAtFirst === undefined || this.#nextOffset < this.#endAtFirst) return false
    return this.#processQueue.backlog.count === 0 || this.#processQueue.bounds.min >= this.#endAtFirst
  }

  /** It pulls no more. */
  get ended(): boolean {
    return this.#ended
  }

  /** Runs until the queue is revoked or the loop is stopped, whatever it waits for then. */
  run(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#end = (fault) => {
        this.#ended = true
        if (fault === undefined) resolve()
        else reject(fault)
      }
      this.#goOn(undefined)
    })
  }

  /** Ends the loop soon; for good. */
  stop(reason: Error): void {
    this.#stopped ??= reason
    this.#giveUp?.(reason)
    this.#stopping?.abort(reason)
    if (this.#isAsking) this.#end()
  }

  /**
   * Takes the answer and asks again, at once: a thousand queues that are answered together would otherwise all be half
   * done at the same time. What has to be waited for but answers is asynchronous.
   */
  #goOn(result: PullResult | undefined): void {
    try {
      const step = !this.#mustEnd() && (result === undefined || this.#take(result))
      if (typeof step === 'object') this.#after(step)
      else if (step && !this.#isFree()) this.#after(this.#freed())
      else if (!step || !this.#ask()) this.#end()
    } catch (error) {
      this.#failed(error)
    }
  }

  /** Resolved to false, the step was the last. */
  #after(step: Promise<boolean>): void {
    step.then(
      (goesOn) => {
        if (goesOn) this.#goOn(undefined)
        else this.#end()
      },
      (error: unknown) => {
        this.#failed(error)
      },
    )
  }

  #failed(error: unknown): void {
    this.#isAsking = false
    if (this.#mustEnd()) this.#end()
    else {
      this.#recover(error).then(
        () => {
          this.#goOn(undefined)
        },
        (fault: unknown) => {
          this.#end(fault instanceof Error ? fault : new Error('pulling failed', { cause: fault }))
        },
      )
    }
  }

  #mustEnd(): boolean {
    return this.#stopped !== undefined || this.#processQueue.revoked
  }

  /** Whether it may pull now. */
  #isFree(): boolean {
    const { lease, messageQueue, backlog } = this.#processQueue
    if (this.#parts.paused(messageQueue) || lease?.held === false) return false
    return flowControl(backlog, this.#parts.limits()) === undefined
  }

  /** Resolves when it may pull; to false when it is to end. */
  async #freed(): Promise<boolean> {
    await this.#parts.resumed(this.#processQueue.messageQueue, this.#signal())
    // A queue that is consumed in order is pulled under its lock.
    const { lease } = this.#processQueue
    if (lease?.held === false && !(await this.#orGivenUp(lease.settled()))) return false
    await this.#room()
    return !this.#mustEnd()
  }

  async #room(): Promise<void> {
    const processQueue = this.#processQueue
    const reason = flowControl(processQueue.backlog, this.#parts.limits())
    if (reason === undefined || this.#mustEnd()) return
    this.#heldBack = true
    this.#parts.observe.heldBack(processQueue.messageQueue, reason)
    const room = new Promise<void>((resolve) => {
      processQueue.onRoom(() => {
        if (processQueue.revoked || hasRoom(processQueue.backlog, this.#parts.limits())) resolve()
      })
    })
    try {
      await this.#orGivenUp(room)
    } finally {
      processQueue.onRoom(undefined)
      this.#heldBack = false
      this.#parts.observe.freed(processQueue.messageQueue, reason)
    }
  }

  /** Pulls, unless the topic is not subscribed any more. */
  #ask(): boolean {
    const { clock, pulls, pullBatchSize, commitOffset, inline = false } = this.#parts
    const queue = this.#processQueue.messageQueue
    const subscription = this.#parts.subscriptionOf(queue.topic)
    if (subscription === undefined) return false
    this.#processQueue.lastPullTimestamp = clock.now()
    this.#askedAt = clock.monotonic()
    this.#isAsking = true
    const pull: Pull = {
      queue,
      offset: this.#nextOffset,
      maxMessages: pullBatchSize,
      subscription,
      suspendMs: this.#endAtFirst === undefined ? 0 : SUSPEND_MS,
      commitOffset: commitOffset(queue),
      inline,
    }
    pulls.ask(pull, this.#receiver)
    return true
  }

  /** Resolves to false when the loop is to end. */
  #take(result: PullResult): boolean | Promise<boolean> {
    const { clock, observe, pullInterval } = this.#parts
    observe.pulled(this.#processQueue.messageQueue, result, clock.monotonic() - this.#askedAt, this.#nextOffset)
    if (this.#isDoubtful(result)) {
      this.#doubted = true
      return this.#sleep(RETRY_MS).then(() => true)
    }
    this.#doubted = false
    if (result.status === 'OFFSET_MOVED' && !this.#hasExpired(result)) {
      return this.#parts.moved(this.#processQueue, result.nextBeginOffset).then(() => false)
    }
    this.#accept(result)
    return pullInterval === 0 || this.#sleep(pullInterval).then(() => true)
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
      if (this.#stopped !== undefined) reject(this.#stopped)
      job.then(resolve, reject)
    })
  }

  #accept(result: PullResult): void {
    this.#nextOffset = result.nextBeginOffset
    this.#endAtFirst ??= result.maxOffset
    this.#min = result.minOffset
    this.#max = result.maxOffset
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

  async #recover(error: unknown): Promise<void> {
    this.#parts.observe.failed(this.#processQueue.messageQueue, error)
    const code = error instanceof BrokerResponseError ? error.responseCode : undefined
    const { topic, brokerName, queueId } = this.#processQueue.messageQueue
    this.#parts.logger.warn(
      `cannot pull ${topic} ${brokerName}:${queueId} at offset ${this.#nextOffset}: ${String(error)}`,
    )
    if (code === ResponseCode.SUBSCRIPTION_NOT_EXIST || code === ResponseCode.SUBSCRIPTION_NOT_LATEST) {
      await this.#untilStopped(this.#orGivenUp(this.#parts.heartbeat()))
    }
    await this.#sleep(code === ResponseCode.FLOW_CONTROL ? FLOW_CONTROL_RETRY_MS : RETRY_MS)
  }

  /** Shorter when the loop is stopped. */
  #sleep(delayMs: number): Promise<void> {
    return this.#untilStopped(this.#parts.clock.sleep(delayMs, { signal: this.#signal() }))
  }

  /** What ends early by {@link stop} has ended well. */
  async #untilStopped(job: Promise<void>): Promise<void> {
    try {
      await job
    } catch (error) {
      if (this.#stopped === undefined) throw error
    }
  }

  #signal(): AbortSignal {
    this.#stopping ??= new AbortController()
    if (this.#stopped !== undefined) this.#stopping.abort(this.#stopped)
    return this.#stopping.signal
  }
}
