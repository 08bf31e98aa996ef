import type { MessageQueue } from '../../protocol/index.ts'
import { afterInput, soon } from '../../support/index.ts'
import type { ProcessQueue } from '../process-queue.ts'
import type { ConsumeService } from './consume-service.ts'
import { describeCalls } from './describe-calls.ts'
import { HandedOnCalls } from './handed-on-calls.ts'
import type { ConsumeOrderlyAnswer, ConsumeOrderlyStatus, MessageListenerOrderly } from './message-listener-orderly.ts'
import { isHeld, OrderlyCall, type OrderlyCallParts, type OrderlyDefaults } from './orderly-call.ts'
import { OrderlyQueues } from './orderly-queues.ts'
import { type OrderlyNext, OrderlySettlement, type OrderlySettlementParts } from './orderly-settlement.ts'
import { restoreTopic } from './restore-topic.ts'

/** What the service needs from the consumer. */
export interface OrderlyServiceParts extends OrderlySettlementParts, OrderlyDefaults {
  readonly listener: MessageListenerOrderly
  readonly batchMaxSize: number
  /** Told of what the listener has thrown. */
  readonly failed?: (queue: MessageQueue, error: unknown) => void
}

/** Messages handled before the socket gets a turn, and how many calls of them one queue has before the next. */
const TURN_MESSAGES = 256
const CALLS_IN_A_ROW = 32

/**
 * Calls the listener with the messages of each queue in the order of their offsets, one call a queue at a time and up to
 * `concurrency` queues at once, in turn (`ConsumeMessageOrderlyService.java`). Before every call, and before what a call
 * said counts, the queue's lock must be ours. A call whose messages were handed on, to be acknowledged later, is ended for this.
 */
export class ConsumeMessageOrderlyService implements ConsumeService {
  readonly #parts: OrderlyServiceParts
  readonly #queues: OrderlyQueues
  readonly #settlement: OrderlySettlement
  readonly #handedOn: HandedOnCalls
  readonly #callParts: OrderlyCallParts
  readonly #waiters = new Set<() => void>()
  #concurrency: number
  #scheduled = false
  #stopped = false

  constructor(parts: OrderlyServiceParts, concurrency: number) {
    this.#parts = parts
    this.#concurrency = concurrency
    this.#settlement = new OrderlySettlement(parts)
    this.#queues = new OrderlyQueues(parts.clock, () => {
      this.#schedule()
    })
    this.#handedOn = new HandedOnCalls({
      settlement: this.#settlement,
      monotonic: () => parts.clock.monotonic(),
      failed: (call) => {
        this.#fellBack(call)
      },
      ended: () => {
        this.#look()
      },
    })
    const { suspendCurrentQueueTimeMillis, maxReconsumeTimes } = parts
    this.#callParts = { suspendCurrentQueueTimeMillis, maxReconsumeTimes, acknowledged: this.#handedOn.acknowledged }
  }

  get concurrency(): number {
    return this.#concurrency
  }

  set concurrency(limit: number) {
    this.#concurrency = limit
    this.#schedule()
  }

  get inFlight(): number {
    return this.#queues.running.size
  }

  heldQueuesChanged(): void {
    this.#queues.prune()
    this.#handedOn.prune()
  }

  submit(processQueue: ProcessQueue): void {
    this.#queues.add(processQueue)
  }

  describe(): string {
    const { clock } = this.#parts
    return describeCalls([...this.#queues.running.values()], {
      now: clock.monotonic(),
      limit: this.#concurrency,
      handedOn: this.#handedOn.count,
    })
  }

  stop(): void {
    this.#stopped = true
    this.#queues.close()
  }

  async drained(timeoutMs: number, of?: ProcessQueue): Promise<boolean> {
    const runs = (): boolean =>
      of === undefined ? this.#queues.running.size > 0 : this.#queues.callOf(of)?.processQueue === of
    const isIdle = (): boolean => !runs() && !this.#handedOn.has(of)
    if (isIdle()) return true
    return new Promise((resolve) => {
      const settle = (drained: boolean): void => {
        timer.cancel()
        this.#waiters.delete(look)
        resolve(drained)
      }
      const look = (): void => {
        if (isIdle()) settle(true)
      }
      const timer = this.#parts.clock.after(timeoutMs, () => {
        settle(false)
      })
      this.#waiters.add(look)
    })
  }

  /** An orderly call may take any time, as in Java: its messages cannot be passed over. */
  expire(): Promise<void> {
    return Promise.resolve()
  }

  #schedule(): void {
    if (this.#scheduled || this.#stopped) return
    this.#scheduled = true
    soon(() => {
      this.#turn()
    })
  }

  /** Serves queues until there is none, as many are served as may be, or the turn is used up. */
  #turn(): void {
    this.#scheduled = false
    let left = TURN_MESSAGES
    while (left > 0 && !this.#stopped && this.#queues.running.size < this.#concurrency) {
      const processQueue = this.#queues.next()
      if (processQueue === undefined) return
      left -= Math.max(1, this.#serve(processQueue, left))
      this.#queues.add(processQueue)
    }
    if (this.#stopped || this.#queues.running.size >= this.#concurrency) return
    this.#scheduled = true
    afterInput(() => {
      this.#turn()
    })
  }

  /** Calls the listener until it does not answer at once or the queue has had its part of the turn. */
  #serve(processQueue: ProcessQueue, budget: number): number {
    const { clock, batchMaxSize } = this.#parts
    const part = Math.min(budget, CALLS_IN_A_ROW * batchMaxSize)
    const started = clock.monotonic()
    let taken = 0
    let calls = 0
    let ok = 0
    while (taken < part && !this.#stopped && isHeld(processQueue)) {
      const batch = processQueue.take(batchMaxSize)
      if (batch === undefined) break
      taken += batch.messages.length
      processQueue.lastConsumeTimestamp = clock.now()
      const call = new OrderlyCall(processQueue, batch, clock.monotonic(), this.#callParts)
      const answer = this.#call(call)
      if (this.#isHandedOn(call, answer)) {
        this.#handedOn.add(call)
        continue
      }
      if (answer !== 'SUCCESS' || !call.isPlain || !isHeld(processQueue)) {
        this.#started(call, answer)
        break
      }
      processQueue.finishTaken()
      ok += batch.messages.length
      calls += 1
    }
    if (calls > 0) {
      this.#settlement.succeeded(processQueue, { ok, failed: 0, calls, millis: clock.monotonic() - started })
    }
    return taken
  }

  /** Whether the next messages may come although this call's are not finished. One that has succeeded waits for those before it. */
  #isHandedOn(call: OrderlyCall, answer: ConsumeOrderlyAnswer | Promise<ConsumeOrderlyAnswer>): boolean {
    if (!call.isPlain) return false
    if (answer !== 'SUCCESS' || !this.#handedOn.has(call.processQueue)) return answer === 'ACKNOWLEDGE_LATER'
    call.acknowledgement = answer
    return true
  }

  #call(call: OrderlyCall): ConsumeOrderlyAnswer | Promise<ConsumeOrderlyAnswer> {
    for (const message of call.batch.messages) restoreTopic(message, call.messageQueue.topic)
    try {
      return this.#parts.listener(call.batch.messages, call)
    } catch (error) {
      return this.#failed(call, error)
    }
  }

  #failed(call: OrderlyCall, error: unknown): ConsumeOrderlyStatus {
    const { topic, brokerName, queueId } = call.messageQueue
    this.#parts.logger.warn(`the listener failed on ${topic} ${brokerName}:${queueId}: ${String(error)}`)
    this.#parts.failed?.(call.messageQueue, error)
    return 'SUSPEND_CURRENT_QUEUE_A_MOMENT'
  }

  /** A call that did not simply succeed at once keeps its queue busy until all its messages are dealt with. */
  #started(call: OrderlyCall, pending: ConsumeOrderlyAnswer | Promise<ConsumeOrderlyAnswer>): void {
    this.#occupy(call, this.#finish(call, pending))
  }

  #occupy(call: OrderlyCall, ending: Promise<OrderlyNext>): void {
    this.#queues.started(call)
    void ending.then((outcome) => {
      this.#queues.ended(call, outcome)
      this.#look()
      this.#schedule()
    })
  }

  async #finish(
    call: OrderlyCall,
    pending: ConsumeOrderlyAnswer | Promise<ConsumeOrderlyAnswer>,
  ): Promise<OrderlyNext> {
    let answer: ConsumeOrderlyAnswer
    try {
      answer = await pending
    } catch (error) {
      answer = this.#failed(call, error)
    }
    const isLater = answer === 'ACKNOWLEDGE_LATER'
    if (isLater && call.overruledBy === undefined) {
      this.#handedOn.add(call)
      if (call.isPlain) return { next: 'go on' }
    }
    await this.#handedOn.emptied(call.processQueue)
    if (call.overruledBy !== undefined) return this.#settleLate(call.overruledBy)
    return answer === 'ACKNOWLEDGE_LATER' ? { next: 'go on' } : this.#settlement.settle(call, answer)
  }

  /** A call that was handed on has failed: all after it comes again. Where one of them runs still, it has to end first. */
  #fellBack(call: OrderlyCall): void {
    const { processQueue } = call
    processQueue.giveBack(call.end)
    const running = this.#queues.callOf(processQueue)
    if (running === undefined) this.#occupy(call, this.#settleLate(call))
    else running.overruledBy = call
  }

  #settleLate(call: OrderlyCall): Promise<OrderlyNext> {
    return this.#settlement.settle(call, call.acknowledgement ?? 'SUSPEND_CURRENT_QUEUE_A_MOMENT')
  }

  #look(): void {
    for (const look of [...this.#waiters]) look()
  }
}
