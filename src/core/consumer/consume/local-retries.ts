import type { Clock, Timer } from '../../support/index.ts'
import type { Batch, ProcessQueue } from '../process-queue.ts'

/** After a send-back that nobody took (`ConsumeMessageConcurrentlyService#submitConsumeRequestLater`). */
const LOCAL_RETRY_MS = 5000

/** Messages that no broker took back, waiting to be consumed here again. */
export class LocalRetries {
  readonly #clock: Clock
  readonly #onDue: (processQueue: ProcessQueue) => void
  readonly #timers = new Set<Timer>()
  readonly #due = new Map<ProcessQueue, Batch[]>()

  /** `onDue` is told that a queue has something to {@link take}. */
  constructor(clock: Clock, onDue: (processQueue: ProcessQueue) => void) {
    this.#clock = clock
    this.#onDue = onDue
  }

  /** Lets messages come again after 5 s. */
  add(processQueue: ProcessQueue, batch: Batch): void {
    const timer = this.#clock.after(LOCAL_RETRY_MS, () => {
      this.#timers.delete(timer)
      if (processQueue.revoked) return
      const due = this.#due.get(processQueue) ?? []
      due.push(batch)
      this.#due.set(processQueue, due)
      this.#onDue(processQueue)
    })
    this.#timers.add(timer)
  }

  /** Messages whose time has come and which are still unfinished; none of a queue that was given up. */
  take(processQueue: ProcessQueue): Batch | undefined {
    if (this.#due.size === 0) return undefined
    const due = this.#due.get(processQueue)
    if (due === undefined) return undefined
    const batch = processQueue.revoked ? undefined : due.find(({ first }) => processQueue.holds(first))
    const left = batch === undefined ? [] : due.slice(due.indexOf(batch) + 1)
    if (left.length > 0) this.#due.set(processQueue, left)
    else this.#due.delete(processQueue)
    return batch
  }

  /** Whether a queue has something to take. */
  has(processQueue: ProcessQueue): boolean {
    return this.#due.has(processQueue)
  }

  /** Forgets everything. */
  close(): void {
    for (const timer of this.#timers) timer.cancel()
    this.#timers.clear()
    this.#due.clear()
  }
}
