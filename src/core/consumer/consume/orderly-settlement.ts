import type { MessageExt, MessageQueue } from '../../protocol/index.ts'
import type { Clock, Logger } from '../../support/index.ts'
import type { ProcessQueue } from '../process-queue.ts'
import type { ConsumeOutcome } from './call-settlement.ts'
import type { ConsumeOrderlyStatus } from './message-listener-orderly.ts'
import type { OrderlyCall } from './orderly-call.ts'

/** What dealing with results needs from the consumer. */
export interface OrderlySettlementParts {
  readonly clock: Clock
  readonly logger: Logger
  /** Sends a message to the dead-letter queue; rejects when nobody took it. */
  readonly deadLetter: (message: MessageExt) => Promise<void>
  /** The offset up to which a queue is finished. */
  readonly finished: (queue: MessageQueue, commitOffset: number) => void
  readonly consumed: (queue: MessageQueue, outcome: ConsumeOutcome) => void
}

/** What is next for the queue of a call: its next messages, a rest of so many ms, or nothing more. */
export type OrderlyNext = { readonly next: 'go on' | 'nothing' } | { readonly next: 'rest'; readonly millis: number }

const goOn: OrderlyNext = { next: 'go on' }
const nothing: OrderlyNext = { next: 'nothing' }

/**
 * Deals with what orderly calls have said of their messages: commits them, or has them come again, or makes them dead
 * letters (`ConsumeMessageOrderlyService#processConsumeResult`). No method rejects.
 */
export class OrderlySettlement {
  readonly #parts: OrderlySettlementParts
  #warned = false

  constructor(parts: OrderlySettlementParts) {
    this.#parts = parts
  }

  /** Calls that ended at once and wholly succeeded; their messages are finished already. */
  succeeded(processQueue: ProcessQueue, outcome: ConsumeOutcome): void {
    this.#advance(processQueue)
    this.#parts.consumed(processQueue.messageQueue, outcome)
  }

  /** Whether a call that was handed on has simply succeeded, so that all of it may be finished. */
  hasSucceeded(call: OrderlyCall, status: ConsumeOrderlyStatus): boolean {
    return call.isPlain && this.#understood(call, status) === 'SUCCESS'
  }

  /** A call has ended: resolves when all its messages are dealt with. Without the queue's lock it counts for nothing. */
  async settle(call: OrderlyCall, status: ConsumeOrderlyStatus): Promise<OrderlyNext> {
    const { processQueue } = call
    if (!(await call.confirmLock()) || processQueue.dropped) return nothing
    const size = call.batch.messages.length
    switch (this.#understood(call, status)) {
      case 'SUCCESS': {
        const { acked, leaveRest } = call
        this.#count(call, acked, leaveRest ? 0 : size - acked)
        if (call.autoCommit) processQueue.finishTaken(call.batch.first + acked)
        if (call.autoCommit) this.#advance(processQueue)
        if (acked === size) return goOn
        return leaveRest ? nothing : this.#failed(call, acked)
      }
      case 'COMMIT':
        this.#count(call, size, 0)
        processQueue.finishTaken()
        this.#advance(processQueue)
        return goOn
      case 'ROLLBACK':
        this.#count(call, 0, 0)
        processQueue.giveBack(0)
        return rest(call)
      case 'LEAVE_UNFINISHED':
        this.#count(call, 0, 0)
        return nothing
      default:
        this.#count(call, 0, size)
        return this.#failed(call, 0)
    }
  }

  /** What Java takes a status for. */
  #understood(call: OrderlyCall, status: ConsumeOrderlyStatus): ConsumeOrderlyStatus {
    if (!call.autoCommit || (status !== 'COMMIT' && status !== 'ROLLBACK')) return status
    if (!this.#warned) this.#parts.logger.warn(`${status} with autoCommit on is taken for SUCCESS`)
    this.#warned = true
    return 'SUCCESS'
  }

  /** Messages have failed, from the given index on: they come again, or have done so too often. */
  async #failed(call: OrderlyCall, from: number): Promise<OrderlyNext> {
    const { processQueue, batch } = call
    let again = false
    for (let i = from; i < batch.messages.length; i++) {
      const message = batch.messages[i]
      if (message === undefined || (await this.#isDead(call, message))) {
        // Java lets it come again with the others of its batch, and sends it once more.
        processQueue.finish(batch.first + i)
        continue
      }
      // The queue is another member's now, and so are the messages.
      if (processQueue.dropped) return nothing
      message.reconsumeTimes += 1
      again = true
    }
    if (again) processQueue.giveBack(batch.first + from)
    if (call.autoCommit) this.#advance(processQueue)
    return again ? rest(call) : goOn
  }

  async #isDead(call: OrderlyCall, message: MessageExt): Promise<boolean> {
    if (message.reconsumeTimes < call.maxReconsumeTimes || call.processQueue.dropped) return false
    try {
      await this.#parts.deadLetter(message)
      return true
    } catch (error) {
      this.#parts.logger.warn(`cannot make ${message.msgId} a dead letter, it comes again: ${String(error)}`)
      return false
    }
  }

  #count(call: OrderlyCall, ok: number, failed: number): void {
    const millis = this.#parts.clock.monotonic() - call.startedAt
    this.#parts.consumed(call.messageQueue, { ok, failed, calls: 1, millis })
  }

  #advance(processQueue: ProcessQueue): void {
    const offset = processQueue.commitOffset
    if (offset !== undefined && !processQueue.dropped) this.#parts.finished(processQueue.messageQueue, offset)
  }
}

function rest(call: OrderlyCall): OrderlyNext {
  return { next: 'rest', millis: call.restMs }
}
