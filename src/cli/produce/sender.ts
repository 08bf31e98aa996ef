import { NotFoundError, RocketMQError } from '../../core/errors.ts'
import type { OutgoingMessage, Producer, SendOptions, SendResult } from '../../core/producer/index.ts'
import type { Clock } from '../../core/support/index.ts'
import { formatSize } from '../size.ts'
import { Pace } from './pace.ts'
import type { MessageSource, SourcedMessage } from './source.ts'
import type { Tally } from './tally.ts'

/**
 * Requests in flight at once: enough for a broker that writes them to disk together; more only makes work for the
 * collector.
 */
const WINDOW = 256

/** Messages in flight at once, in batches: what a slow broker stores well within the time it has to answer. */
const WINDOW_MESSAGES = 20_000

/** Bodies in flight at once, so that long messages do not fill the memory. */
const WINDOW_BYTES = 16 * 1024 * 1024

/** Bodies of a batch together: well below the 4 MiB a broker takes. */
const MAX_BATCH_BYTES = 1024 * 1024

/** When so many fail one after another the cluster is taken for lost, and the rest of the input is left alone. */
const FAILURES_TO_STOP = WINDOW

/** One-way messages between two questions to the brokers whether they keep up. */
const ONEWAY_STRETCH = 2000

/** How messages are sent. */
export interface SendPlan {
  readonly batch: number
  /** Messages per second; `undefined`: as fast as they are taken. */
  readonly rate: number | undefined
  readonly oneway: boolean
  readonly options: SendOptions
  /** Whether all go to one queue, and so in order. */
  readonly oneQueue: boolean
}

/** What is known of a message that was sent; of a one-way one only its id. */
export type SentMessage = Pick<SendResult, 'msgId'> & Partial<SendResult>

/** A message that was sent, and how long its request took. */
export interface Sent {
  readonly message: OutgoingMessage
  readonly millis: number
}

/** What a sender works with. */
export interface SenderParts {
  readonly producer: Pick<Producer, 'send' | 'sendBatch' | 'sendOneway'>
  /** Resolves when every broker has read what was sent to it so far. */
  readonly caughtUp: () => Promise<void>
  readonly clock: Clock
  readonly plan: SendPlan
  readonly tally: Tally
  /** Told of each message that was sent. */
  readonly onSent: (result: SentMessage, sent: Sent) => Promise<void> | undefined
  /** Aborted: read no more; what is in flight is waited for. */
  readonly signal: AbortSignal
}

interface Sendable {
  readonly where: string
  readonly message: OutgoingMessage
}

/**
 * Sends messages with many requests in flight, no more than a window: whoever feeds it is held back. Messages that
 * belong to one queue (a sharding key, `--queue`) are sent one request after another, so that they arrive in order.
 */
export class Sender {
  readonly #parts: SenderParts
  readonly #stop = new AbortController()
  readonly #pace: Pace | undefined
  readonly #lanes = new Map<string, Promise<void>>()
  #inFlight = 0
  #messagesInFlight = 0
  #bytesInFlight = 0
  #wake: (() => void) | undefined
  #batch: Sendable[] = []
  #batchBytes = 0
  #onewaySent = 0
  #lastTaken: string | undefined

  constructor(parts: SenderParts) {
    this.#parts = parts
    const { rate } = parts.plan
    this.#pace = rate === undefined ? undefined : new Pace(parts.clock, rate)
  }

  /**
   * Aborted when going on is of no use: the topic does not exist, or nothing has been accepted for long. Its reason
   * says which.
   */
  get stopped(): AbortSignal {
    return this.#stop.signal
  }

  /**
   * Sends everything and resolves when all is answered, or rejects with what the source throws once all in flight is
   * answered.
   */
  async run(source: MessageSource): Promise<void> {
    try {
      for await (const messages of source) {
        await this.#takeAll(messages)
        if (this.#ended) return
      }
    } finally {
      if (!this.#stop.signal.aborted) await this.#sendBatch()
      await this.#until(() => this.#inFlight === 0)
    }
  }

  /** Where the last message stands that was sent or counted as not sent; `undefined` before the first. */
  get lastTaken(): string | undefined {
    return this.#lastTaken
  }

  get #hasRoom(): boolean {
    if (this.#inFlight === 0) return true
    const messages = this.#messagesInFlight + this.#parts.plan.batch
    return this.#inFlight < WINDOW && messages <= WINDOW_MESSAGES && this.#bytesInFlight < WINDOW_BYTES
  }

  get #ended(): boolean {
    return this.#stop.signal.aborted || this.#parts.signal.aborted
  }

  async #takeAll(messages: readonly SourcedMessage[]): Promise<void> {
    for (const sourced of messages) {
      if (this.#ended) return
      await this.#take(sourced)
    }
  }

  async #take(sourced: SourcedMessage): Promise<void> {
    if (this.#pace && 'message' in sourced) await this.#pace.wait(this.#parts.signal)
    this.#lastTaken = sourced.where
    if ('error' in sourced) {
      this.#parts.tally.refused(sourced)
      return
    }
    const { batch } = this.#parts.plan
    if (batch === 1) {
      await this.#dispatch([sourced])
      return
    }
    const size = sourced.message.body.length
    const other = this.#batch[0]?.message.shardingKey !== sourced.message.shardingKey
    if (this.#batch.length > 0 && (other || this.#batchBytes + size > MAX_BATCH_BYTES)) await this.#sendBatch()
    this.#batch.push(sourced)
    this.#batchBytes += size
    if (this.#batch.length >= batch) await this.#sendBatch()
  }

  async #sendBatch(): Promise<void> {
    const batch = this.#batch
    this.#batch = []
    this.#batchBytes = 0
    if (batch.length > 0) await this.#dispatch(batch)
  }

  /** Resolves when there is room for more, not when these are sent. */
  async #dispatch(messages: readonly Sendable[]): Promise<void> {
    const lane = this.#laneOf(messages)
    const bytes = messages.reduce((sum, { message }) => sum + message.body.length, 0)
    this.#inFlight++
    this.#messagesInFlight += messages.length
    this.#bytesInFlight += bytes
    const before = lane === undefined ? undefined : this.#lanes.get(lane)
    const done = before === undefined ? this.#send(messages) : before.then(() => this.#send(messages))
    const finished = done.finally(() => {
      if (lane !== undefined && this.#lanes.get(lane) === finished) this.#lanes.delete(lane)
      this.#inFlight--
      this.#messagesInFlight -= messages.length
      this.#bytesInFlight -= bytes
      this.#wake?.()
    })
    if (lane !== undefined) this.#lanes.set(lane, finished)
    // What it rejects with is a fault of this program: it ends the run.
    finished.catch((error: unknown) => {
      this.#stop.abort(error)
    })
    await this.#until(() => this.#hasRoom)
    if (this.#parts.plan.oneway) await this.#keepUp(messages.length)
  }

  #laneOf(messages: readonly Sendable[]): string | undefined {
    if (this.#parts.plan.oneQueue) return ''
    const key = messages[0]?.message.shardingKey
    return key === undefined ? undefined : `key ${key}`
  }

  /** Resolves when the state of what is in flight is as asked for; it is looked at after each answer. */
  async #until(reached: () => boolean): Promise<void> {
    while (!reached()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    this.#wake = undefined
  }

  /** Nobody answers a one-way message: without this, a fast input would fill the memory of this process. */
  async #keepUp(messages: number): Promise<void> {
    this.#onewaySent += messages
    if (this.#onewaySent < ONEWAY_STRETCH) return
    this.#onewaySent = 0
    await this.#parts.caughtUp()
  }

  async #send(messages: readonly Sendable[]): Promise<void> {
    const { clock, tally, onSent } = this.#parts
    // What waited for its turn is not tried any more, but counted.
    const stop: unknown = this.#stop.signal.reason
    if (stop instanceof RocketMQError) {
      for (const { where } of messages) tally.refused({ where, error: stop }, { tell: false })
      return
    }
    const started = clock.monotonic()
    const results = await this.#attempt(messages)
    const millis = clock.monotonic() - started
    for (const [index, result] of results.entries()) {
      const message = messages[index]?.message
      if (message === undefined) continue
      tally.succeeded(message.body.length, (result.status ?? 'SEND_OK') === 'SEND_OK')
      await onSent(result, { message, millis })
    }
  }

  async #attempt(messages: readonly Sendable[]): Promise<readonly SentMessage[]> {
    try {
      return await this.#request(messages.map(({ message }) => message))
    } catch (error) {
      if (!(error instanceof RocketMQError)) throw error
      this.#failed(messages, error)
      return []
    }
  }

  async #request(messages: readonly OutgoingMessage[]): Promise<readonly SentMessage[]> {
    const { producer, plan } = this.#parts
    const [first] = messages
    if (first === undefined) return []
    if (plan.oneway) return [{ msgId: await producer.sendOneway(first, plan.options) }]
    if (plan.batch === 1) return [await producer.send(first, plan.options)]
    return producer.sendBatch(messages, plan.options)
  }

  #failed(messages: readonly Sendable[], error: RocketMQError): void {
    const { tally } = this.#parts
    const stopped = this.#stop.signal.aborted
    const hopeless = error instanceof NotFoundError
    // What is in flight then fails for one reason: it is told once, as the error of the command.
    for (const { where, message } of messages) {
      tally.refused({ where: `${where}${sizeNote(message.body.length)}`, error }, { tell: !hopeless && !stopped })
    }
    if (hopeless && !stopped) this.#stop.abort(error)
    else if (tally.failedInARow >= FAILURES_TO_STOP && !stopped) this.#stop.abort(error)
  }
}

/** A message may be refused for its length: one of more than 64 KiB is told with it. */
function sizeNote(bytes: number): string {
  return bytes > 64 * 1024 ? ` (${formatSize(bytes)})` : ''
}
