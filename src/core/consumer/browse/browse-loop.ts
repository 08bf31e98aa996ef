import { AuthorizationError, BrokerResponseError } from '../../errors.ts'
import {
  type MessageExt,
  type MessageQueue,
  queueName,
  ResponseCode,
  type SubscriptionData,
} from '../../protocol/index.ts'
import type { Clock, Logger } from '../../support/index.ts'
import type { PullMessage, PullResult } from '../pull/pull-message.ts'

/** What a browse loop needs. */
export interface BrowseLoopParts {
  readonly clock: Clock
  readonly logger: Logger
  readonly pulls: Pick<PullMessage, 'pull'>
  readonly subscription: SubscriptionData
  readonly pullBatchSize: number
  /** Takes messages of one queue, in order; the next pull waits for it. Its error ends the loop. */
  readonly deliver: (messages: readonly MessageExt[], queue: MessageQueue) => void | Promise<void>
}

/** From where to where a queue is read. */
export interface BrowseRange {
  readonly start: number
  /** The first offset not to be read; `undefined`: no end. */
  readonly end: number | undefined
}

/** How long a broker may hold a pull, and the pause after an error or an answer that leads nowhere. */
const SUSPEND_MS = 15_000
const RETRY_MS = 1000

/** Refusals that another attempt will not change. */
const FINAL: ReadonlySet<number> = new Set<number>([
  ResponseCode.TOPIC_NOT_EXIST,
  ResponseCode.SUBSCRIPTION_PARSE_FAILED,
  ResponseCode.INVALID_PARAMETER,
])

/** Reads one queue in order, without a trace: no group, no commit, the subscription sent along with each pull. */
export class BrowseLoop {
  readonly #parts: BrowseLoopParts
  readonly #queue: MessageQueue
  #next: number
  #end: number | undefined

  constructor(parts: BrowseLoopParts, queue: MessageQueue, range: BrowseRange) {
    this.#parts = parts
    this.#queue = queue
    this.#next = range.start
    this.#end = range.end
  }

  /** The next offset to read. */
  get nextOffset(): number {
    return this.#next
  }

  /**
   * Resolves when the end is reached. Rejects with the signal's reason, with what `deliver` throws and with a refusal
   * that is final; a broker that does not answer is asked again and again.
   */
  async run(signal: AbortSignal): Promise<void> {
    while (this.#end === undefined || this.#next < this.#end) {
      const result = await this.#pull(signal)
      if (result === undefined) await this.#parts.clock.sleep(RETRY_MS, { signal })
      else await this.#accept(result, signal)
    }
  }

  async #pull(signal: AbortSignal): Promise<PullResult | undefined> {
    signal.throwIfAborted()
    const { pulls, subscription, pullBatchSize, logger } = this.#parts
    try {
      return await pulls.pull({
        queue: this.#queue,
        offset: this.#next,
        maxMessages: pullBatchSize,
        subscription,
        suspendMs: this.#end === undefined ? SUSPEND_MS : 0,
        inline: true,
        signal,
      })
    } catch (error) {
      if (signal.aborted || isFinal(error)) throw error
      logger.warn(`cannot read ${this.#queue.topic} ${queueName(this.#queue)}, trying again: ${String(error)}`)
      return undefined
    }
  }

  async #accept(result: PullResult, signal: AbortSignal): Promise<void> {
    if (result.status === 'OFFSET_MOVED') {
      this.#moved(result)
      return
    }
    const end = this.#end ?? Number.POSITIVE_INFINITY
    const messages = result.messages.filter((message) => message.queueOffset < end)
    const stuck = result.nextBeginOffset <= this.#next
    this.#next = result.nextBeginOffset
    if (messages.length > 0) await this.#parts.deliver(messages, this.#queue)
    // The queue is shorter than it was when its end was asked for.
    if (result.status === 'NO_NEW' && this.#end !== undefined) this.#end = this.#next
    else if (stuck && result.status !== 'NO_NEW') await this.#parts.clock.sleep(RETRY_MS, { signal })
  }

  #moved({ nextBeginOffset, minOffset, maxOffset }: PullResult): void {
    const where = `${this.#queue.topic} ${queueName(this.#queue)}`
    this.#parts.logger.warn(
      `offset ${this.#next} of ${where} is not there, it goes from ${minOffset} to ${maxOffset}; going on at ${nextBeginOffset}`,
    )
    // It can move back only when the topic was made anew: the old end means nothing then.
    if (nextBeginOffset < this.#next && this.#end !== undefined) this.#end = Math.min(this.#end, maxOffset)
    this.#next = nextBeginOffset
  }
}

function isFinal(error: unknown): boolean {
  if (error instanceof AuthorizationError) return true
  return error instanceof BrokerResponseError && FINAL.has(error.responseCode)
}
