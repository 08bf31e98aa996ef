import { type MessageExt, type PopHandle, queueName, type SubscriptionData } from '../../protocol/index.ts'
import type { Clock, Logger, Timer } from '../../support/index.ts'
import type { ProcessQueue } from '../process-queue.ts'
import { filterByTags } from '../pull/tag-filter.ts'
import type { Acknowledgements } from './acknowledgements.ts'
import { type InvisibleTime, popDelayMs } from './invisible-time.ts'
import type { PoppedMessage } from './pop-message.ts'

/** What keeping popped messages needs from the consumer. */
export interface PoppedMessagesParts {
  readonly clock: Clock
  readonly logger: Logger
  readonly acks: Pick<Acknowledgements, 'add' | 'settled'>
  readonly invisibleTime: Pick<InvisibleTime, 'change'>
  readonly invisibleMs: number
  readonly consumeTimeoutMs: number
  /** Already resolved: never negative. */
  readonly maxReconsumeTimes: number
  /** Resolves when a broker has the message in the DLQ. */
  readonly deadLetter: (message: MessageExt) => Promise<void>
}

/** A popped message that is not finished yet. */
interface Held {
  readonly message: MessageExt
  /** The topic it was popped of. */
  readonly topic: string
  readonly processQueue: ProcessQueue
  readonly poppedAt: number
  handle: PopHandle
  /** When others may get it, by the monotonic clock. */
  validUntil: number
  renewAt: number
  /** Its handle is being exchanged: what is to be told with it waits. */
  changing: Promise<void> | undefined
}

/** What was popped and not begun becomes visible to others so soon after it was handed back. */
const HANDED_BACK_MS = 1000
/** After a renewal that failed. */
const RENEW_AGAIN_MS = 1000
/** How long closing waits for what is to be told to brokers. */
const SETTLE_MS = 5000

/**
 * The popped messages a consumer holds, each with the handle that settles it at its broker: it is acknowledged when it
 * is finished, hidden for a while when it failed, buried when it failed too often, and kept hidden until one of these.
 * Java does not keep it hidden, and throws away what failed too often (`ConsumeMessagePopConcurrentlyService.java`).
 */
export class PoppedMessages {
  readonly #parts: PoppedMessagesParts
  readonly #held = new Map<MessageExt, Held>()
  /** What is being told to brokers, besides acknowledgements. */
  readonly #telling = new Set<Promise<void>>()
  #timer: Timer | undefined
  #timerAt = Number.POSITIVE_INFINITY
  #closed = false

  constructor(parts: PoppedMessagesParts) {
    this.#parts = parts
  }

  /** Whether a message was popped and is not settled. */
  holds(message: MessageExt): boolean {
    return this.#held.has(message)
  }

  /** Takes over what a POP has brought and puts what is wanted into its queue; `receivedAt` is monotonic. */
  add(
    processQueue: ProcessQueue,
    popped: readonly PoppedMessage[],
    { receivedAt, subscription }: { readonly receivedAt: number; readonly subscription: SubscriptionData },
  ): void {
    const { topic } = processQueue.messageQueue
    const all = popped.map(({ message }) => message)
    const wanted = new Set(filterByTags(all, subscription))
    const kept: MessageExt[] = []
    for (const { message, handle } of popped) {
      const held = this.#hold(processQueue, { topic, message, handle, receivedAt })
      if (!wanted.has(message)) this.#acknowledge(held)
      else if (message.reconsumeTimes > this.#parts.maxReconsumeTimes) this.#tell(this.#bury(held))
      else {
        this.#held.set(message, held)
        kept.push(message)
      }
    }
    processQueue.put(kept)
    if (this.#held.size > 0) this.#renewAt(receivedAt + this.#renewalMs)
  }

  /** Hands back what came when nobody was there to consume it any more. */
  handBack(topic: string, popped: readonly PoppedMessage[]): void {
    const { invisibleTime } = this.#parts
    for (const { handle } of popped) {
      this.#tell(
        invisibleTime.change(topic, handle, HANDED_BACK_MS).then(
          () => undefined,
          (error: unknown) => {
            this.#failed(topic, handle, error)
          },
        ),
      )
    }
  }

  /** A message was consumed; one that has been settled otherwise is left alone. */
  finished(message: MessageExt): void {
    const held = this.#take(message)
    if (held?.changing === undefined) {
      if (held !== undefined) this.#acknowledge(held)
      return
    }
    this.#tell(
      held.changing.then(() => {
        this.#acknowledge(held)
      }),
    )
  }

  /** A message has failed: it comes again later, or goes to the DLQ. Never rejects: if nobody can be told, it comes again. */
  async failed(message: MessageExt, delayLevel: number): Promise<void> {
    const held = this.#take(message)
    if (held === undefined) return
    await held.changing
    if (delayLevel < 0 || message.reconsumeTimes >= this.#parts.maxReconsumeTimes) await this.#bury(held)
    else await this.#change(held, popDelayMs(delayLevel, message.reconsumeTimes))
  }

  /** Hands back what nobody has begun to consume. */
  handBackWaiting(): void {
    for (const { message, processQueue } of [...this.#held.values()]) {
      if (processQueue.withdraw(message)) this.#handBackHeld(message)
    }
  }

  /** Hands everything back; resolves when the brokers have been told, or after a while. */
  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    for (const message of [...this.#held.keys()]) this.#handBackHeld(message)
    await this.#told()
    await this.#parts.acks.settled(SETTLE_MS)
  }

  async #told(): Promise<void> {
    if (this.#telling.size === 0) return
    await new Promise<void>((resolve) => {
      const timer = this.#parts.clock.after(SETTLE_MS, resolve)
      void Promise.all(this.#telling).finally(() => {
        timer.cancel()
        resolve()
      })
    })
  }

  get #renewalMs(): number {
    return (this.#parts.invisibleMs * 2) / 3
  }

  #hold(
    processQueue: ProcessQueue,
    { receivedAt, ...popped }: PoppedMessage & { readonly topic: string; readonly receivedAt: number },
  ): Held {
    return {
      ...popped,
      processQueue,
      poppedAt: receivedAt,
      validUntil: receivedAt + this.#parts.invisibleMs,
      renewAt: receivedAt + this.#renewalMs,
      changing: undefined,
    }
  }

  #take(message: MessageExt): Held | undefined {
    const held = this.#held.get(message)
    this.#held.delete(message)
    return held
  }

  #acknowledge({ topic, handle, validUntil }: Held): void {
    this.#parts.acks.add({ topic, handle, validUntil })
  }

  async #bury(held: Held): Promise<void> {
    try {
      await this.#parts.deadLetter(held.message)
      this.#acknowledge(held)
    } catch (error) {
      this.#parts.logger.warn(`cannot bury ${held.message.msgId}, it comes again: ${String(error)}`)
    }
  }

  #handBackHeld(message: MessageExt): void {
    const held = this.#take(message)
    if (held === undefined) return
    const changing = held.changing ?? Promise.resolve()
    this.#tell(changing.then(() => this.#change(held, HANDED_BACK_MS)))
  }

  /** Resolves to whether it is hidden for so long from now. Never rejects. */
  async #change(held: Held, invisibleMs: number): Promise<void> {
    const { clock, invisibleTime } = this.#parts
    const askedAt = clock.monotonic()
    try {
      held.handle = await invisibleTime.change(held.topic, held.handle, invisibleMs)
      held.validUntil = askedAt + invisibleMs
      held.renewAt = askedAt + (invisibleMs * 2) / 3
    } catch (error) {
      held.renewAt = clock.monotonic() + RENEW_AGAIN_MS
      this.#failed(held.topic, held.handle, error)
    }
  }

  #failed(topic: string, handle: PopHandle, error: unknown): void {
    const where = `${topic} ${queueName(handle)} offset ${handle.queueOffset}`
    this.#parts.logger.warn(`cannot change until when ${where} is hidden: ${String(error)}`)
  }

  #tell(telling: Promise<void>): void {
    this.#telling.add(telling)
    void telling.finally(() => this.#telling.delete(telling))
  }

  /** One timer for all: none a message. */
  #renewAt(at: number): void {
    if (at >= this.#timerAt || this.#closed) return
    this.#timer?.cancel()
    this.#timerAt = at
    this.#timer = this.#parts.clock.after(Math.max(at - this.#parts.clock.monotonic(), 1), () => {
      this.#timerAt = Number.POSITIVE_INFINITY
      this.#renew()
      if (this.#held.size > 0) this.#renewAt(Math.min(...[...this.#held.values()].map(({ renewAt }) => renewAt)))
    })
  }

  #renew(): void {
    const { clock, invisibleMs, consumeTimeoutMs } = this.#parts
    const now = clock.monotonic()
    // Those that would be due a little later go along.
    const soon = now + invisibleMs / 12
    for (const held of [...this.#held.values()]) {
      if (held.renewAt > soon) continue
      held.renewAt = now + invisibleMs / 3
      if (held.changing !== undefined) continue
      // Nobody has begun it for so long, or it is somebody else's already: this consumer must not sit on it.
      const hopeless = now >= held.validUntil || now - held.poppedAt > consumeTimeoutMs
      if (hopeless && held.processQueue.withdraw(held.message)) this.#held.delete(held.message)
      else held.changing = this.#renewed(held)
    }
  }

  async #renewed(held: Held): Promise<void> {
    await this.#change(held, this.#parts.invisibleMs)
    held.changing = undefined
    // One that failed is not to wait for the others.
    if (this.#held.has(held.message)) this.#renewAt(held.renewAt)
  }
}
