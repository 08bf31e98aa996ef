import type { ProcessQueue } from '../process-queue.ts'

/**
 * Which queue is served next, and how many of the listener slots each may hold. Queues with work take turns. A queue
 * that holds its fair share already leaves a quarter of the slots to the others, so a slow queue cannot take them all;
 * when every queue is busy, the fair shares are all there is.
 */
export class ReadyQueues {
  readonly #order: ProcessQueue[] = []
  readonly #waiting = new Set<ProcessQueue>()
  readonly #slots = new Map<ProcessQueue, number>()
  #used = 0

  /** Slots taken in all. */
  get used(): number {
    return this.#used
  }

  /** Slots taken by one queue. */
  usedBy(processQueue: ProcessQueue): number {
    return this.#slots.get(processQueue) ?? 0
  }

  /** Puts a queue at the end of the line, unless it is in it. */
  add(processQueue: ProcessQueue): void {
    if (this.#waiting.has(processQueue)) return
    this.#waiting.add(processQueue)
    this.#order.push(processQueue)
  }

  /** The next queue that may have a slot; `undefined` when none may. `held` is the number of queues that share the slots. */
  next(limit: number, held: number): ProcessQueue | undefined {
    if (this.#used >= limit) return undefined
    for (let i = this.#order.length; i > 0; i--) {
      const processQueue = this.#order.shift()
      if (processQueue === undefined) return undefined
      if (this.#allows(processQueue, limit, held)) {
        this.#waiting.delete(processQueue)
        return processQueue
      }
      this.#order.push(processQueue)
    }
    return undefined
  }

  /** Takes a slot for a queue. */
  occupy(processQueue: ProcessQueue): void {
    this.#used += 1
    this.#slots.set(processQueue, this.usedBy(processQueue) + 1)
  }

  /** Gives a slot back. */
  vacate(processQueue: ProcessQueue): void {
    this.#used -= 1
    const left = this.usedBy(processQueue) - 1
    if (left > 0) this.#slots.set(processQueue, left)
    else this.#slots.delete(processQueue)
  }

  #allows(processQueue: ProcessQueue, limit: number, held: number): boolean {
    if (held <= 1 || this.usedBy(processQueue) < Math.ceil(limit / held)) return true
    return limit - this.#used > Math.floor(limit / 4)
  }
}
