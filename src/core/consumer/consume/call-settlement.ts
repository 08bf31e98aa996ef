import type { MessageExt, MessageQueue } from '../../protocol/index.ts'
import type { Clock, Logger } from '../../support/index.ts'
import type { Batch, ProcessQueue } from '../process-queue.ts'
import type { ListenerCall } from './listener-call.ts'
import type { LocalRetries } from './local-retries.ts'
import type { ConsumeConcurrentlyStatus } from './message-listener.ts'

/** What became of some messages. */
export interface ConsumeOutcome {
  readonly ok: number
  readonly failed: number
  /** Listener calls, and how long they took together. */
  readonly calls: number
  readonly millis: number
}

/** What dealing with results needs from the consumer. */
export interface CallSettlementParts {
  readonly clock: Clock
  readonly logger: Logger
  /** Hands a failed message to the brokers; rejects when nobody took it. */
  readonly sendBack: (message: MessageExt, delayLevel: number) => Promise<void>
  /** The offset up to which a queue is finished. */
  readonly finished: (queue: MessageQueue, commitOffset: number) => void
  readonly consumed: (queue: MessageQueue, outcome: ConsumeOutcome) => void
}

/** Level of messages sent back because their time was over (`ProcessQueue#cleanExpiredMsg`). */
const EXPIRED_DELAY_LEVEL = 3

/**
 * Deals with what listener calls have said of their messages: finishes them, or hands them back to the brokers
 * (`ConsumeMessageConcurrentlyService#processConsumeResult`). No method rejects.
 */
export class CallSettlement {
  readonly #parts: CallSettlementParts
  readonly #retries: LocalRetries

  constructor(parts: CallSettlementParts, retries: LocalRetries) {
    this.#parts = parts
    this.#retries = retries
  }

  /** Calls that ended at once and wholly succeeded; their messages are finished already. */
  succeeded(processQueue: ProcessQueue, outcome: ConsumeOutcome): void {
    this.#advance(processQueue)
    this.#parts.consumed(processQueue.messageQueue, outcome)
  }

  /** A call has ended: resolves when all its messages are dealt with. */
  async settle(call: ListenerCall, status: ConsumeConcurrentlyStatus): Promise<void> {
    call.ended = true
    // Its messages were sent back, or are being so.
    if (call.expired) return
    const { processQueue, batch } = call
    const size = batch.messages.length
    const acked = status === 'CONSUME_SUCCESS' ? call.acked : 0
    const left = status === 'LEAVE_UNFINISHED' || (status === 'CONSUME_SUCCESS' && call.leaveRest)
    const millis = this.#parts.clock.monotonic() - call.startedAt
    this.#parts.consumed(processQueue.messageQueue, { ok: acked, failed: left ? 0 : size - acked, calls: 1, millis })
    // As ConsumeMessageConcurrentlyService: the results of a dropped queue do not count.
    if (processQueue.dropped || status === 'LEAVE_UNFINISHED') return
    for (let i = 0; i < acked; i++) processQueue.finish(batch.first + i)
    if (acked < size && !left) {
      const refused = await this.#giveBack(call, acked, call.delayLevelWhenNextConsume)
      for (const one of refused) this.#retryHere(processQueue, one)
    }
    this.#advance(processQueue)
  }

  /** A call has taken too long: resolves when its messages were sent back. What it says later does not count. */
  async expire(call: ListenerCall): Promise<void> {
    if (call.ended || call.expired || call.processQueue.dropped) return
    const { processQueue, batch } = call
    call.expire()
    const refused = await this.#giveBack(call, 0, EXPIRED_DELAY_LEVEL)
    const failed = batch.messages.length - refused.length
    this.#parts.consumed(processQueue.messageQueue, { ok: 0, failed, calls: 0, millis: 0 })
    this.#advance(processQueue)
    if (refused.length === 0) return
    // Nobody took them: they are still the call's, or, if it has ended meanwhile, nobody's.
    if (hasEnded(call)) for (const one of refused) this.#retryHere(processQueue, one)
    else call.expired = false
  }

  /** Sends the messages of a call back, from the given index on. Resolves to those nobody took. */
  async #giveBack(call: ListenerCall, from: number, delayLevel: number): Promise<Batch[]> {
    const { processQueue, batch } = call
    const refused: Batch[] = []
    for (let i = from; i < batch.messages.length; i++) {
      const message = batch.messages[i]
      // Whoever has the queue next gets the messages of a dropped one.
      if (message === undefined || processQueue.dropped || !processQueue.holds(batch.first + i)) continue
      try {
        await this.#parts.sendBack(message, delayLevel)
        processQueue.finish(batch.first + i)
      } catch (error) {
        this.#parts.logger.warn(`cannot send ${message.msgId} back, it stays here: ${String(error)}`)
        refused.push({ messages: [message], first: batch.first + i })
      }
    }
    return refused
  }

  #retryHere(processQueue: ProcessQueue, batch: Batch): void {
    for (const message of batch.messages) message.reconsumeTimes += 1
    this.#retries.add(processQueue, batch)
  }

  #advance(processQueue: ProcessQueue): void {
    const offset = processQueue.commitOffset
    if (offset !== undefined && !processQueue.dropped) this.#parts.finished(processQueue.messageQueue, offset)
  }
}

/** Asked again after a wait. */
function hasEnded(call: ListenerCall): boolean {
  return call.ended
}
