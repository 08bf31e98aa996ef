import type { Clock, Logger, Timer } from '../support/index.ts'

/** What a due loop works with. */
export interface DueLoopParts {
  readonly clock: Clock
  readonly logger: Logger
  /** What is done, for the log: `delayed messages could not be delivered`. */
  readonly failure: string
  /** When the first thing there is falls due; `undefined` when there is none. */
  readonly firstDueMs: () => number | undefined
  /** Deals with some of what is due; resolves to whether there was any. */
  readonly deal: () => Promise<boolean>
}

/** Longer timers overflow. */
const MAX_TIMER_MS = 3_600_000

/** Deals with things in a store when their time has come: one timer for all, set to the first of them. */
export class DueLoop {
  readonly #parts: DueLoopParts
  #timer: Timer | undefined
  #timerDueMs = Number.POSITIVE_INFINITY
  #dealing: Promise<void> | undefined
  #closed = false

  constructor(parts: DueLoopParts) {
    this.#parts = parts
  }

  /** Begins with what the store holds. */
  start(): void {
    this.#schedule(this.#parts.firstDueMs())
  }

  /** Something falls due at a time. */
  added(dueMs: number): void {
    if (dueMs < this.#timerDueMs && this.#dealing === undefined) this.#schedule(dueMs)
  }

  /** Stops; what is being dealt with is finished first. */
  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    await this.#dealing
  }

  #schedule(dueMs: number | undefined): void {
    this.#timer?.cancel()
    this.#timerDueMs = dueMs ?? Number.POSITIVE_INFINITY
    if (dueMs === undefined || this.#closed) return
    const { clock, logger, failure, firstDueMs } = this.#parts
    const delayMs = Math.min(Math.max(0, dueMs - clock.now()), MAX_TIMER_MS)
    this.#timer = clock.after(delayMs, () => {
      this.#dealing = this.#deal()
        .catch((error: unknown) => {
          // The journal has reported it: the broker is going down.
          logger.warn(failure, { error })
          this.#closed = true
        })
        .finally(() => {
          this.#dealing = undefined
          this.#schedule(this.#closed ? undefined : firstDueMs())
        })
    })
  }

  async #deal(): Promise<void> {
    let more = true
    while (more && !this.#closed) more = await this.#parts.deal()
  }
}
