import type { MessageQueue } from '../../protocol/index.ts'
import type { Batch, ProcessQueue } from '../process-queue.ts'
import type { ConsumeConcurrentlyContext, ConsumeConcurrentlyStatus } from './message-listener.ts'

/** `ackIndex` that means all (`Integer.MAX_VALUE`). */
const ALL = 2_147_483_647

/** One call of the listener, from the taking of its messages to their end. */
export class ListenerCall implements ConsumeConcurrentlyContext {
  readonly processQueue: ProcessQueue
  batch: Batch
  /** By the monotonic clock; only of calls that did not end at once. */
  startedAt = 0
  delayLevelWhenNextConsume = 0
  ackIndex = ALL
  leaveRest = false
  /** The listener has said what became of the messages. */
  ended = false
  /** The consume timeout has sent the messages back, or is doing so. */
  expired = false
  /** What came by {@link acknowledge}. */
  acknowledgement: ConsumeConcurrentlyStatus | undefined
  readonly #acknowledged: (call: ListenerCall) => void
  #abort: AbortController | undefined

  /** `acknowledged` is told when {@link acknowledgement} has come. */
  constructor(processQueue: ProcessQueue, batch: Batch, acknowledged: (call: ListenerCall) => void) {
    this.processQueue = processQueue
    this.batch = batch
    this.#acknowledged = acknowledged
  }

  get messageQueue(): MessageQueue {
    return this.processQueue.messageQueue
  }

  /** How many messages succeeded, from the first one on, when the status is CONSUME_SUCCESS. */
  get acked(): number {
    return this.ackIndex >= 0 ? Math.min(Math.floor(this.ackIndex) + 1, this.batch.messages.length) : 0
  }

  /** Made when first asked for: most listeners never do. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController()
    return this.#abort.signal
  }

  /** Makes the call ready for the next messages, after one that ended at once and wholly succeeded. */
  reuse(batch: Batch): void {
    this.batch = batch
    this.delayLevelWhenNextConsume = 0
    this.ackIndex = ALL
    this.leaveRest = false
    this.acknowledgement = undefined
    // Somebody may keep the signal of the earlier messages.
    this.#abort = undefined
  }

  acknowledge(status: ConsumeConcurrentlyStatus): void {
    if (this.acknowledgement !== undefined) return
    this.acknowledgement = status
    this.#acknowledged(this)
  }

  /** Tells the listener that its time is over. */
  expire(): void {
    this.expired = true
    this.#abort ??= new AbortController()
    this.#abort.abort(new DOMException('the consume timeout has passed', 'AbortError'))
  }
}
