import { soon } from '../../support/index.ts'
import type { ProcessQueue } from '../process-queue.ts'
import { isHeld, type OrderlyCall } from './orderly-call.ts'
import type { OrderlySettlement } from './orderly-settlement.ts'

/** What handed-on calls need from the service. */
export interface HandedOnParts {
  readonly settlement: Pick<OrderlySettlement, 'hasSucceeded' | 'succeeded'>
  readonly monotonic: () => number
  /** The first call of a queue that waited has not simply succeeded; those after it count for nothing any more. */
  readonly failed: (call: OrderlyCall) => void
  /** No call of some queue waits any more. */
  readonly ended: () => void
}

/**
 * Calls of orderly queues that were handed on and are still to be acknowledged. What became of one counts when all before it
 * of its queue have succeeded, and only under the queue's lock; without it none of them counts.
 */
export class HandedOnCalls {
  readonly #parts: HandedOnParts
  /** In order; those that wait for an earlier one may be acknowledged already. */
  readonly #lines = new Map<ProcessQueue, OrderlyCall[]>()
  /** Queues something was said of, dealt with together: a printer acknowledges hundreds of calls at once. */
  readonly #due = new Set<ProcessQueue>()
  readonly #doubtful = new Set<ProcessQueue>()
  readonly #waiting = new Map<ProcessQueue, () => void>()

  constructor(parts: HandedOnParts) {
    this.#parts = parts
  }

  /** How many wait. */
  get count(): number {
    let count = 0
    for (const line of this.#lines.values()) count += line.length
    return count
  }

  /** Whether a call of the queue waits; without one: of any queue. */
  has(processQueue?: ProcessQueue): boolean {
    return processQueue === undefined ? this.#lines.size > 0 : this.#lines.has(processQueue)
  }

  /** A call of a queue, after all before it. */
  add(call: OrderlyCall): void {
    const line = this.#lines.get(call.processQueue)
    if (line === undefined) this.#lines.set(call.processQueue, [call])
    else line.push(call)
    if (call.acknowledgement !== undefined) this.acknowledged(call)
  }

  /** Something was said of a call, be it before it was added or after it has ended. */
  readonly acknowledged = ({ processQueue }: OrderlyCall): void => {
    if (this.#due.size === 0) soon(this.#settleDue)
    this.#due.add(processQueue)
  }

  /** Resolves when no call of the queue waits, one way or the other. For one at a time. */
  async emptied(processQueue: ProcessQueue): Promise<void> {
    if (!this.#lines.has(processQueue)) return
    await new Promise<void>((resolve) => {
      this.#waiting.set(processQueue, resolve)
    })
  }

  /** Lets go of queues whose results do not count. */
  prune(): void {
    for (const processQueue of this.#lines.keys()) if (isOver(processQueue)) this.#end(processQueue)
  }

  readonly #settleDue = (): void => {
    const due = [...this.#due]
    this.#due.clear()
    for (const processQueue of due) this.#settle(processQueue)
  }

  #settle(processQueue: ProcessQueue): void {
    const line = this.#lines.get(processQueue)
    if (line === undefined) return
    if (isOver(processQueue)) {
      this.#end(processQueue)
      return
    }
    if (!isHeld(processQueue)) {
      this.#whenCertain(processQueue)
      return
    }
    this.#finish(processQueue, line)
    const [next] = line
    if (next === undefined) this.#end(processQueue)
    else if (next.acknowledgement !== undefined) this.#fail(next, line)
  }

  /** Finishes the first calls, as far as they have succeeded. */
  #finish(processQueue: ProcessQueue, line: OrderlyCall[]): void {
    const { settlement } = this.#parts
    const now = this.#parts.monotonic()
    let [calls, ok, millis] = [0, 0, 0]
    for (const call of line) {
      if (call.acknowledgement === undefined || !settlement.hasSucceeded(call, call.acknowledgement)) break
      processQueue.finishTaken(call.end)
      calls += 1
      ok += call.batch.messages.length
      millis += now - call.startedAt
    }
    line.splice(0, calls)
    if (calls > 0) settlement.succeeded(processQueue, { ok, failed: 0, calls, millis })
  }

  #fail(call: OrderlyCall, line: readonly OrderlyCall[]): void {
    for (const later of line) if (later !== call) later.overruledBy = call
    this.#parts.failed(call)
    this.#end(call.processQueue)
  }

  #end(processQueue: ProcessQueue): void {
    this.#lines.delete(processQueue)
    const wake = this.#waiting.get(processQueue)
    this.#waiting.delete(processQueue)
    wake?.()
    this.#parts.ended()
  }

  #whenCertain(processQueue: ProcessQueue): void {
    if (this.#doubtful.has(processQueue)) return
    this.#doubtful.add(processQueue)
    void processQueue.lease?.settled().then(() => {
      this.#doubtful.delete(processQueue)
      this.#settle(processQueue)
    })
  }
}

/** Whether nothing that is said of its messages counts any more. */
function isOver({ dropped, lease }: ProcessQueue): boolean {
  return dropped || lease?.lost.aborted === true
}
