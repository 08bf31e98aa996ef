import type { Clock, Timer } from '../../support/index.ts'
import type { ProcessQueue } from '../process-queue.ts'

/** Bounds of a suspension (`ConsumeMessageOrderlyService#submitConsumeRequestLater`). */
const SHORTEST_MS = 10
const LONGEST_MS = 30_000

/** Queues that rest for a while after a failure. */
export class SuspendedQueues {
  readonly #clock: Clock
  readonly #onDue: (processQueue: ProcessQueue) => void
  readonly #timers = new Map<ProcessQueue, Timer>()

  /** `onDue` is told that a queue may be served again. */
  constructor(clock: Clock, onDue: (processQueue: ProcessQueue) => void) {
    this.#clock = clock
    this.#onDue = onDue
  }

  /** Lets a queue rest; what is no number is the shortest time. */
  add(processQueue: ProcessQueue, millis: number): void {
    this.#timers.get(processQueue)?.cancel()
    const delayMs = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, Number.isNaN(millis) ? 0 : millis))
    const timer = this.#clock.after(delayMs, () => {
      this.#timers.delete(processQueue)
      this.#onDue(processQueue)
    })
    this.#timers.set(processQueue, timer)
  }

  has(processQueue: ProcessQueue): boolean {
    return this.#timers.has(processQueue)
  }

  get size(): number {
    return this.#timers.size
  }

  /** Forgets queues that were given up. */
  prune(): void {
    for (const [processQueue, timer] of this.#timers) {
      if (!processQueue.revoked) continue
      timer.cancel()
      this.#timers.delete(processQueue)
    }
  }

  /** Forgets everything. */
  close(): void {
    for (const timer of this.#timers.values()) timer.cancel()
    this.#timers.clear()
  }
}
