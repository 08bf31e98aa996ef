import type { MessageQueue } from '../../protocol/index.ts'
import { afterInput, soon } from '../../support/index.ts'
import type { ProcessQueue } from '../process-queue.ts'
import { CallSettlement, type CallSettlementParts } from './call-settlement.ts'
import type { ConsumeService } from './consume-service.ts'
import { ListenerCall } from './listener-call.ts'
import { LocalRetries } from './local-retries.ts'
import type {
  ConsumeConcurrentlyAnswer,
  ConsumeConcurrentlyStatus,
  MessageListenerConcurrently,
} from './message-listener.ts'
import { ReadyQueues } from './ready-queues.ts'
import { restoreTopic } from './restore-topic.ts'

/** What the service needs from the consumer. */
export interface ConsumeServiceParts extends CallSettlementParts {
  readonly listener: MessageListenerConcurrently
  readonly batchMaxSize: number
  readonly consumeTimeoutMs: number
  /** How many queues share the calls, for fairness. */
  readonly heldQueues: () => number
  /** Told of what the listener has thrown. */
  readonly failed?: (queue: MessageQueue, error: unknown) => void
  /** The topic that a retry topic of popped messages is for. */
  readonly poppedFrom?: (retryTopic: string) => string | undefined
}

/** Messages handled before the socket gets a turn. */
const TURN_MESSAGES = 256
/**
 * Calls the listener, up to `concurrency` calls at a time, queue by queue in turn
 * (`ConsumeMessageConcurrentlyService.java`). A listener that answers at once costs no promise, slot or timer.
 */
export class ConsumeMessageConcurrentlyService implements ConsumeService {
  readonly #parts: ConsumeServiceParts
  readonly #ready = new ReadyQueues()
  readonly #retries: LocalRetries
  readonly #settlement: CallSettlement
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
    this.#retries = new LocalRetries(parts.clock, (processQueue) => {
      this.submit(processQueue)
    })
    this.#settlement = new CallSettlement(parts, this.#retries)
  }

  /** Calls allowed at once; a lower number takes effect as running calls end. */
  get concurrency(): number {
    return this.#concurrency
  }

  set concurrency(limit: number) {
    this.#concurrency = limit
    this.#schedule()
  }

  /** The queues held are others now, and so is the fair share of each. */
  heldQueuesChanged(): void {
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

  /** Starts no more calls; what waits to be consumed again stays unfinished. */
  stop(): void {
    this.#stopped = true
    this.#retries.close()
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
      (call) => !call.ended && !call.expired && now - call.startedAt > this.#parts.consumeTimeoutMs,
    )
    for (const call of late) await this.#settlement.expire(call)
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
      if (this.#hasMore(processQueue)) this.#ready.add(processQueue)
      left -= Math.max(1, taken)
    }
    if (this.#stopped) return
    this.#scheduled = true
    afterInput(() => {
      this.#turn()
    })
  }

  #hasMore(processQueue: ProcessQueue): boolean {
    return !processQueue.revoked && (processQueue.ready > 0 || this.#retries.has(processQueue))
  }

  /** Calls the listener until it does not answer at once or the queue has had its part of the turn. */
  #serve(processQueue: ProcessQueue, batchMaxSize: number, budget: number): number {
    const started = this.#parts.clock.monotonic()
    const part = Math.min(budget, 32 * batchMaxSize)
    let taken = 0
    let ok = 0
    let calls = 0
    let call: ListenerCall | undefined
    while (taken < part && !this.#stopped) {
      const batch = this.#retries.take(processQueue) ?? processQueue.take(batchMaxSize)
      if (batch === undefined) break
      const size = batch.messages.length
      taken += size
      if (call === undefined) call = new ListenerCall(processQueue, batch, this.#acknowledged)
      else call.reuse(batch)
      const answer = this.#call(call)
      if (answer === 'ACKNOWLEDGE_LATER') {
        call.startedAt = started
        this.#postpone(call)
        call = undefined
        continue
      }
      if (answer !== 'CONSUME_SUCCESS' || call.acked < size) {
        this.#started(call, answer, started)
        break
      }
      for (let i = 0; i < size; i++) processQueue.finish(batch.first + i)
      ok += size
      calls += 1
    }
    if (ok > 0) {
      const millis = this.#parts.clock.monotonic() - started
      this.#settlement.succeeded(processQueue, { ok, failed: 0, calls, millis })
    }
    return taken
  }

  #call(call: ListenerCall): ConsumeConcurrentlyAnswer | Promise<ConsumeConcurrentlyAnswer> {
    const { topic } = call.messageQueue
    for (const message of call.batch.messages) restoreTopic(message, topic, this.#parts.poppedFrom)
    try {
      return this.#parts.listener(call.batch.messages, call)
    } catch (error) {
      return this.#failed(call, error)
    }
  }

  #failed(call: ListenerCall, error: unknown): ConsumeConcurrentlyStatus {
    const { topic, brokerName, queueId } = call.messageQueue
    this.#parts.logger.warn(`the listener failed on ${topic} ${brokerName}:${queueId}: ${String(error)}`)
    this.#parts.failed?.(call.messageQueue, error)
    return 'RECONSUME_LATER'
  }

  /** A call that did not succeed at once holds a slot until all its messages are dealt with. */
  #started(
    call: ListenerCall,
    answer: ConsumeConcurrentlyAnswer | Promise<ConsumeConcurrentlyAnswer>,
    startedAt: number,
  ): void {
    this.#ready.occupy(call.processQueue)
    call.startedAt = startedAt
    this.#running.add(call)
    void this.#finish(call, answer).finally(() => {
      this.#running.delete(call)
      this.#ready.vacate(call.processQueue)
      this.#callEnded()
      this.#schedule()
    })
  }

  async #finish(
    call: ListenerCall,
    pending: ConsumeConcurrentlyAnswer | Promise<ConsumeConcurrentlyAnswer>,
  ): Promise<void> {
    let answer: ConsumeConcurrentlyAnswer
    try {
      answer = await pending
    } catch (error) {
      answer = this.#failed(call, error)
    }
    if (answer === 'ACKNOWLEDGE_LATER') this.#postpone(call)
    else await this.#settlement.settle(call, answer)
  }

  #postpone(call: ListenerCall): void {
    this.#postponed.add(call)
    if (call.acknowledgement !== undefined) this.#acknowledged(call)
  }

  /** One that comes before the call has answered waits for that. */
  readonly #acknowledged = (call: ListenerCall): void => {
    if (call.acknowledgement === undefined || !this.#postponed.has(call)) return
    void this.#settlement.settle(call, call.acknowledgement).finally(() => {
      this.#postponed.delete(call)
      this.#callEnded()
    })
  }

  #postponedOf(processQueue: ProcessQueue): number {
    let count = 0
    for (const call of this.#postponed) if (call.processQueue === processQueue) count += 1
    return count
  }

  #callEnded(): void {
    for (const look of [...this.#waiters]) look()
  }
}
