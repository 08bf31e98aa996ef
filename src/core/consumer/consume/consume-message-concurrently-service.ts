import { type MessageExt, type MessageQueue, PropertyName } from '../../protocol/index.ts'
import { afterInput, type Clock, type Logger, soon } from '../../support/index.ts'
import type { Batch, ProcessQueue } from '../process-queue.ts'
import { ListenerCall } from './listener-call.ts'
import type {
  ConsumeConcurrentlyAnswer,
  ConsumeConcurrentlyStatus,
  MessageListenerConcurrently,
} from './message-listener.ts'
import { ReadyQueues } from './ready-queues.ts'

/** What the service needs from the consumer. */
export interface ConsumeServiceParts {
  readonly clock: Clock
  readonly logger: Logger
  readonly listener: MessageListenerConcurrently
  readonly batchMaxSize: number
  readonly consumeTimeoutMs: number
  /** Hands a failed message to the brokers; rejects when nobody took it. */
  readonly sendBack: (message: MessageExt, delayLevel: number) => Promise<void>
  /** The offset up to which a queue is finished. */
  readonly finished: (queue: MessageQueue, commitOffset: number) => void
  /** Queues held by the consumer, for fairness. */
  readonly heldQueues: () => number
  readonly consumed: (
    queue: MessageQueue,
    outcome: { readonly ok: number; readonly failed: number; readonly millis: number },
  ) => void
}

/** Messages handled before the socket gets a turn. */
const TURN_MESSAGES = 256
/** After a send-back that nobody took (`submitConsumeRequestLater`). */
const LOCAL_RETRY_MS = 5000
/** Level of messages sent back because their time was over (`ProcessQueue#cleanExpiredMsg`). */
const EXPIRED_DELAY_LEVEL = 3

/**
 * Calls the listener, up to `concurrency` calls at a time, queue by queue in turn
 * (`ConsumeMessageConcurrentlyService.java`). A listener that answers at once costs no promise, slot or timer.
 */
export class ConsumeMessageConcurrentlyService {
  readonly #parts: ConsumeServiceParts
  readonly #ready = new ReadyQueues()
  readonly #running = new Set<ListenerCall>()
  readonly #waiters = new Set<() => void>()
  /** Calls that have ended and are still to be acknowledged. */
  readonly #postponed = new Set<ListenerCall>()
  #concurrency: number
  #scheduled = false
  #stopped = false

  constructor(parts: ConsumeServiceParts, concurrency: number) {
    this.#parts = parts
    this.#concurrency = concurrency
  }

  /** Calls allowed at once; a lower number takes effect as running calls end. */
  get concurrency(): number {
    return this.#concurrency
  }

  set concurrency(limit: number) {
    this.#concurrency = limit
    this.#schedule()
  }

  /** Calls in flight that did not end at once. */
  get inFlight(): number {
    return this.#ready.used
  }

  /** A queue has messages to take. */
  submit(processQueue: ProcessQueue): void {
    this.#ready.add(processQueue)
    this.#schedule()
  }

  /** Calls in flight for one queue. */
  inFlightOf(processQueue: ProcessQueue): number {
    return this.#ready.usedBy(processQueue)
  }

  /** What is running, for people: a line a call, the oldest first. */
  describe(): string {
    const now = this.#parts.clock.monotonic()
    const lines = [...this.#running].map((call) => {
      const { topic, brokerName, queueId } = call.messageQueue
      const { messages } = call.batch
      const offsets = `${messages[0]?.queueOffset ?? ''}–${messages.at(-1)?.queueOffset ?? ''}`
      return `${topic} ${brokerName}:${queueId} offsets ${offsets} running for ${Math.round(now - call.startedAt)} ms`
    })
    const heading = `listener calls in flight: ${lines.length} of ${this.#concurrency}`
    return [heading, `calls to be acknowledged: ${this.#postponed.size}`, ...lines].join('\n')
  }

  /** Starts no more calls. */
  stop(): void {
    this.#stopped = true
  }

  /** Resolves to true when no call runs or is to be acknowledged (for `of`, if given), or to false after `timeoutMs`. */
  async drained(timeoutMs: number, of?: ProcessQueue): Promise<boolean> {
    const left = (): number =>
      of === undefined ? this.#ready.used + this.#postponed.size : this.#ready.usedBy(of) + this.#postponedOf(of)
    if (left() === 0) return true
    return new Promise((resolve) => {
      const settle = (drained: boolean): void => {
        timer.cancel()
        this.#waiters.delete(look)
        resolve(drained)
      }
      const look = (): void => {
        if (left() === 0) settle(true)
      }
      const timer = this.#parts.clock.after(timeoutMs, () => {
        settle(false)
      })
      this.#waiters.add(look)
    })
  }

  /** Sends back the messages of calls that take longer than the consume timeout; called by the consumer's clock. */
  async expire(): Promise<void> {
    const now = this.#parts.clock.monotonic()
    const late = [...this.#running].filter(
      (call) => !call.expired && now - call.startedAt > this.#parts.consumeTimeoutMs,
    )
    for (const call of late) {
      if (call.processQueue.dropped) continue
      call.expire()
      await this.#giveBack(call, 0, EXPIRED_DELAY_LEVEL)
      this.#advance(call.processQueue)
    }
  }

  #schedule(): void {
    if (this.#scheduled || this.#stopped) return
    this.#scheduled = true
    soon(() => {
      this.#turn()
    })
  }

  /** Serves ready queues until there is none, no slot is free, or the turn is used up. */
  #turn(): void {
    this.#scheduled = false
    const { clock, batchMaxSize } = this.#parts
    const now = clock.now()
    let left = TURN_MESSAGES
    while (left > 0 && !this.#stopped) {
      const processQueue = this.#ready.next(this.#concurrency, this.#parts.heldQueues())
      if (processQueue === undefined) return
      const taken = this.#serve(processQueue, batchMaxSize, left)
      if (taken > 0) processQueue.lastConsumeTimestamp = now
      if (processQueue.ready > 0 && !processQueue.revoked) this.#ready.add(processQueue)
      left -= Math.max(1, taken)
    }
    if (this.#stopped) return
    this.#scheduled = true
    afterInput(() => {
      this.#turn()
    })
  }

  /** Calls the listener until it does not answer at once or the queue has had its part of the turn. */
  #serve(processQueue: ProcessQueue, batchMaxSize: number, budget: number): number {
    const started = this.#parts.clock.monotonic()
    const part = Math.min(budget, 32 * batchMaxSize)
    let taken = 0
    let ok = 0
    let call: ListenerCall | undefined
    while (taken < part && !this.#stopped) {
      const batch = processQueue.take(batchMaxSize)
      if (batch === undefined) break
      taken += batch.messages.length
      if (call === undefined) call = new ListenerCall(processQueue, batch, this.#acknowledged)
      else call.reuse(batch)
      const status = this.#call(call)
      if (status === 'ACKNOWLEDGE_LATER') {
        call.startedAt = started
        this.#postponed.add(call)
        call = undefined
        continue
      }
      if (status !== 'CONSUME_SUCCESS' || call.ackIndex < batch.messages.length - 1) {
        this.#started(call, status, started)
        break
      }
      for (let i = 0; i < batch.messages.length; i++) processQueue.finish(batch.first + i)
      ok += batch.messages.length
    }
    if (ok > 0) {
      this.#advance(processQueue)
      this.#parts.consumed(processQueue.messageQueue, {
        ok,
        failed: 0,
        millis: this.#parts.clock.monotonic() - started,
      })
    }
    return taken
  }

  #call(call: ListenerCall): ConsumeConcurrentlyAnswer | Promise<ConsumeConcurrentlyAnswer> {
    for (const message of call.batch.messages) restoreTopic(message, call.messageQueue)
    try {
      return this.#parts.listener(call.batch.messages, call)
    } catch (error) {
      return this.#failed(call, error)
    }
  }

  #failed(call: ListenerCall, error: unknown): ConsumeConcurrentlyStatus {
    const { topic, brokerName, queueId } = call.messageQueue
    this.#parts.logger.warn(`the listener failed on ${topic} ${brokerName}:${queueId}: ${String(error)}`)
    return 'RECONSUME_LATER'
  }

  /** A call that did not succeed at once holds a slot until all its messages are dealt with. */
  #started(
    call: ListenerCall,
    status: ConsumeConcurrentlyAnswer | Promise<ConsumeConcurrentlyAnswer>,
    startedAt: number,
  ): void {
    this.#ready.occupy(call.processQueue)
    call.startedAt = startedAt
    this.#running.add(call)
    void this.#finish(call, status).finally(() => {
      this.#running.delete(call)
      this.#ready.vacate(call.processQueue)
      for (const look of [...this.#waiters]) look()
      this.#schedule()
    })
  }

  readonly #acknowledged = (call: ListenerCall, status: ConsumeConcurrentlyStatus): void => {
    void this.#finish(call, status).finally(() => {
      this.#postponed.delete(call)
      for (const look of [...this.#waiters]) look()
    })
  }

  #postponedOf(processQueue: ProcessQueue): number {
    let count = 0
    for (const call of this.#postponed) if (call.processQueue === processQueue) count += 1
    return count
  }

  async #finish(
    call: ListenerCall,
    pending: ConsumeConcurrentlyAnswer | Promise<ConsumeConcurrentlyAnswer>,
  ): Promise<void> {
    let status: ConsumeConcurrentlyAnswer
    try {
      status = await pending
    } catch (error) {
      status = this.#failed(call, error)
    }
    if (status === 'ACKNOWLEDGE_LATER') {
      this.#postponed.add(call)
      return
    }
    const { processQueue, batch } = call
    const size = batch.messages.length
    const acked = status === 'CONSUME_SUCCESS' ? Math.min(call.ackIndex + 1, size) : 0
    const millis = this.#parts.clock.monotonic() - call.startedAt
    const left = status === 'LEAVE_UNFINISHED' || (status === 'CONSUME_SUCCESS' && call.leaveRest)
    const failed = left ? 0 : size - acked
    this.#parts.consumed(processQueue.messageQueue, { ok: acked, failed, millis })
    // As ConsumeMessageConcurrentlyService: the results of a dropped queue do not count.
    if (processQueue.dropped || status === 'LEAVE_UNFINISHED') return
    for (let i = 0; i < acked; i++) processQueue.finish(batch.first + i)
    if (acked < size && !left) await this.#giveBack(call, acked, call.delayLevelWhenNextConsume)
    this.#advance(processQueue)
  }

  /** Sends messages of a call back, from the given index on; one that nobody takes is tried here again later. */
  async #giveBack(call: ListenerCall, from: number, delayLevel: number): Promise<void> {
    const { processQueue, batch } = call
    for (let i = from; i < batch.messages.length; i++) {
      const message = batch.messages[i]
      if (message === undefined || !processQueue.holds(batch.first + i)) continue
      try {
        await this.#parts.sendBack(message, delayLevel)
        processQueue.finish(batch.first + i)
      } catch (error) {
        this.#parts.logger.warn(`cannot send ${message.msgId} back, consuming it here again: ${String(error)}`)
        message.reconsumeTimes += 1
        this.#retryHere(processQueue, { messages: [message], first: batch.first + i })
      }
    }
  }

  #retryHere(processQueue: ProcessQueue, batch: Batch): void {
    this.#parts.clock.after(LOCAL_RETRY_MS, () => {
      if (processQueue.revoked || this.#stopped || !processQueue.holds(batch.first)) return
      const call = new ListenerCall(processQueue, batch, this.#acknowledged)
      this.#started(call, this.#call(call), this.#parts.clock.monotonic())
    })
  }

  #advance(processQueue: ProcessQueue): void {
    const offset = processQueue.commitOffset
    if (offset !== undefined && !processQueue.dropped) this.#parts.finished(processQueue.messageQueue, offset)
  }
}

/** A retried message looks like the original to the listener (`resetRetryAndNamespace`). */
function restoreTopic(message: MessageExt, queue: MessageQueue): void {
  if (!queue.topic.startsWith('%RETRY%')) return
  const original = message.getProperty(PropertyName.RETRY_TOPIC)
  if (original !== undefined) message.topic = original
}
