import { queueKey } from '../../protocol/index.ts'
import type { Clock } from '../../support/index.ts'
import type { ProcessQueue } from '../process-queue.ts'
import { isHeld, type OrderlyCall } from './orderly-call.ts'
import type { OrderlyNext } from './orderly-settlement.ts'
import { SuspendedQueues } from './suspended-queues.ts'

/**
 * Which queue has its next call, and which have to wait: while a call of it runs, after a failure, and while its lock is in
 * doubt. A queue that was lost and taken again waits for the call that still runs from before (`MessageQueueLock.java`).
 */
export class OrderlyQueues {
  /** Calls that did not end at once, by the key of their queue. */
  readonly running = new Map<string, OrderlyCall>()
  readonly #line = new Set<ProcessQueue>()
  /** Queues with messages whose turn comes when a call from before they were taken has ended. */
  readonly #blocked = new Map<string, ProcessQueue>()
  readonly #doubtful = new Set<ProcessQueue>()
  /** Nothing of these is handed out any more. */
  readonly #halted = new WeakSet<ProcessQueue>()
  readonly #suspended: SuspendedQueues
  readonly #onReady: () => void
  #closed = false

  /** `onReady` is told that there may be a queue to serve. */
  constructor(clock: Clock, onReady: () => void) {
    this.#onReady = onReady
    this.#suspended = new SuspendedQueues(clock, (processQueue) => {
      this.add(processQueue)
    })
  }

  /** The call that runs of a queue, even if it was taken anew meanwhile. */
  callOf({ messageQueue }: ProcessQueue): OrderlyCall | undefined {
    return this.running.get(queueKey(messageQueue))
  }

  /** Puts a queue that has messages at the end of the line, if it may be served and is not in it. */
  add(processQueue: ProcessQueue): void {
    if (this.#closed || processQueue.revoked || processQueue.ready === 0) return
    if (this.#halted.has(processQueue) || this.#suspended.has(processQueue) || this.#doubtful.has(processQueue)) return
    const call = this.callOf(processQueue)
    if (call !== undefined) {
      if (call.processQueue !== processQueue) this.#blocked.set(queueKey(processQueue.messageQueue), processQueue)
      return
    }
    this.#line.add(processQueue)
    this.#onReady()
  }

  /** The queue whose turn it is; one whose lock is in doubt comes back when that is certain. */
  next(): ProcessQueue | undefined {
    for (const processQueue of this.#line) {
      this.#line.delete(processQueue)
      if (processQueue.revoked || processQueue.lease?.lost.aborted === true) continue
      if (isHeld(processQueue)) return processQueue
      this.#wait(processQueue)
    }
    return undefined
  }

  /** A call keeps its queue busy from now on. */
  started(call: OrderlyCall): void {
    this.running.set(queueKey(call.messageQueue), call)
    this.#line.delete(call.processQueue)
  }

  /** It has ended, and its messages are dealt with. */
  ended(call: OrderlyCall, outcome: OrderlyNext): void {
    const key = queueKey(call.messageQueue)
    const { processQueue } = call
    this.running.delete(key)
    if (outcome.next === 'nothing') this.#halted.add(processQueue)
    else if (outcome.next === 'rest' && !this.#closed && !processQueue.revoked) {
      this.#suspended.add(processQueue, outcome.millis)
    }
    const blocked = this.#blocked.get(key)
    this.#blocked.delete(key)
    this.add(processQueue)
    if (blocked !== undefined) this.add(blocked)
  }

  /** Lets go of queues that were given up. */
  prune(): void {
    this.#suspended.prune()
    for (const [key, processQueue] of this.#blocked) if (processQueue.revoked) this.#blocked.delete(key)
  }

  /** No queue is served any more, and no timer is left. */
  close(): void {
    this.#closed = true
    this.#line.clear()
    this.#blocked.clear()
    this.#suspended.close()
  }

  #wait(processQueue: ProcessQueue): void {
    this.#doubtful.add(processQueue)
    void processQueue.lease?.settled().then(() => {
      this.#doubtful.delete(processQueue)
      this.add(processQueue)
    })
  }
}
