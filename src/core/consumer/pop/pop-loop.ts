import { BrokerResponseError, isAbort } from '../../errors.ts'
import { type MessageQueue, queueName, ResponseCode, type SubscriptionData } from '../../protocol/index.ts'
import { abortReason, type Clock, type Logger, unlessAborted } from '../../support/index.ts'
import type { ProcessQueue } from '../process-queue.ts'
import type { PopMessage, PopResult } from './pop-message.ts'
import type { PoppedMessages } from './popped-messages.ts'

/** What a pop loop needs from the consumer. */
export interface PopLoopParts {
  readonly clock: Clock
  readonly logger: Logger
  readonly pops: Pick<PopMessage, 'pop'>
  readonly popped: Pick<PoppedMessages, 'add' | 'handBack'>
  readonly subscriptionOf: (topic: string) => SubscriptionData | undefined
  readonly batchNums: number
  readonly invisibleMs: number
  /** Unfinished messages beyond which it waits. */
  readonly threshold: number
  readonly fromFirst: boolean
  /** Resolves when the consumer is not paused. */
  readonly resumed: (queue: MessageQueue, signal: AbortSignal) => Promise<void>
  /** New messages are in the process queue. */
  readonly arrived: (processQueue: ProcessQueue) => void
  readonly observe: (queue: MessageQueue, messages: number, millis: number) => void
}

/** How long a broker may hold a pop (`BROKER_SUSPEND_MAX_TIME_MILLIS`). */
const POLL_MS = 15_000
/** A broker that was asked to hold and answers at once with nothing is not asked all the time. */
const EMPTY_AT_ONCE_MS = 200
const RETRY_MS = 1000
const FLOW_CONTROL_RETRY_MS = 20

/**
 * Pops one queue, or any queue of a broker, into its ProcessQueue: one request at a time, waiting while enough is
 * unfinished (`DefaultMQPushConsumerImpl#popMessage`). The first pops are not held by the broker, so that it is known
 * when there is nothing more.
 */
export class PopLoop {
  readonly #parts: PopLoopParts
  readonly #processQueue: ProcessQueue
  readonly #leaving = new AbortController()
  /** How many messages had come when there was nothing more for the first time. */
  #atEnd: number | undefined

  constructor(parts: PopLoopParts, processQueue: ProcessQueue) {
    this.#parts = parts
    this.#processQueue = processQueue
  }

  /** Whether all that there was at the start is finished, as far as this consumer got it; false before that is known. */
  get caughtUp(): boolean {
    return this.#atEnd !== undefined && this.#processQueue.sequence.finished >= this.#atEnd
  }

  /** Ends the loop with the answer that is awaited now: a pop that was given up could still bring messages. */
  leave(): void {
    this.#leaving.abort(new DOMException('the queue is given up', 'AbortError'))
  }

  /** Runs until it is left, or at once to its end when the signal aborts; what comes after that is handed back. */
  async run(signal: AbortSignal): Promise<void> {
    const ending = AbortSignal.any([signal, this.#leaving.signal])
    while (!ending.aborted) {
      try {
        await this.#parts.resumed(this.#processQueue.messageQueue, ending)
        await this.#room(ending)
        if (!(await this.#popOnce(signal, ending))) return
      } catch (error) {
        if (isAbort(error) && isAborted(ending)) return
        await this.#recover(error, ending)
      }
    }
  }

  async #room(ending: AbortSignal): Promise<void> {
    const processQueue = this.#processQueue
    const hasRoom = (): boolean => processQueue.backlog.count <= this.#parts.threshold
    ending.throwIfAborted()
    if (hasRoom()) return
    await new Promise<void>((resolve, reject) => {
      const end = (settle: () => void): void => {
        processQueue.onRoom(undefined)
        ending.removeEventListener('abort', onAbort)
        settle()
      }
      const onAbort = (): void => {
        end(() => {
          reject(abortReason(ending))
        })
      }
      processQueue.onRoom(() => {
        if (hasRoom()) end(resolve)
      })
      ending.addEventListener('abort', onAbort, { once: true })
    })
  }

  /** Resolves to false when the topic is not subscribed any more. */
  async #popOnce(signal: AbortSignal, ending: AbortSignal): Promise<boolean> {
    const { clock, pops, popped, batchNums, invisibleMs, fromFirst } = this.#parts
    const queue = this.#processQueue.messageQueue
    const subscription = this.#parts.subscriptionOf(queue.topic)
    if (subscription === undefined) return false
    this.#processQueue.lastPullTimestamp = clock.now()
    const started = clock.monotonic()
    const pollMs = this.#atEnd === undefined ? 0 : POLL_MS
    const job = pops.pop({ queue, subscription, maxMessages: batchNums, invisibleMs, pollMs, fromFirst })
    const result = await this.#orHandedBack(job, signal)
    const receivedAt = clock.monotonic()
    if (result.messages.length > 0) {
      this.#parts.observe(queue, result.messages.length, receivedAt - started)
      popped.add(this.#processQueue, result.messages, { receivedAt, subscription })
      this.#parts.arrived(this.#processQueue)
    } else await this.#empty(result, { pollMs, millis: receivedAt - started }, ending)
    return true
  }

  async #empty(
    { status, rest }: PopResult,
    { pollMs, millis }: { readonly pollMs: number; readonly millis: number },
    ending: AbortSignal,
  ): Promise<void> {
    const { clock } = this.#parts
    if (status === 'POLLING_FULL') await clock.sleep(RETRY_MS, { signal: ending })
    // Others may be popping what is there.
    else if (this.#atEnd === undefined && rest === 0) this.#atEnd = this.#processQueue.sequence.put
    else if (pollMs === 0 || millis < EMPTY_AT_ONCE_MS) await clock.sleep(EMPTY_AT_ONCE_MS, { signal: ending })
  }

  async #orHandedBack(job: Promise<PopResult>, signal: AbortSignal): Promise<PopResult> {
    try {
      return await unlessAborted(job, signal)
    } catch (error) {
      if (signal.aborted) {
        const { topic } = this.#processQueue.messageQueue
        void job.then(
          ({ messages }) => {
            this.#parts.popped.handBack(topic, messages)
          },
          () => undefined,
        )
      }
      throw error
    }
  }

  async #recover(error: unknown, ending: AbortSignal): Promise<void> {
    const code = error instanceof BrokerResponseError ? error.responseCode : undefined
    const { messageQueue } = this.#processQueue
    this.#parts.logger.warn(`cannot pop ${messageQueue.topic} ${queueName(messageQueue)}: ${String(error)}`)
    const delayMs = code === ResponseCode.FLOW_CONTROL ? FLOW_CONTROL_RETRY_MS : RETRY_MS
    await this.#parts.clock.sleep(delayMs, { signal: ending }).catch(() => undefined)
  }
}

/** Asked again after a wait. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted
}
