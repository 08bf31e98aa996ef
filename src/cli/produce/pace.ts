import type { Clock } from '../../core/support/index.ts'

/** Being ahead by less than this is not worth a timer. */
const SLACK_MS = 2

/**
 * Spreads events evenly over time: event n comes n/rate seconds after the first, and a delay is not made up for by a
 * burst.
 */
export class Pace {
  readonly #clock: Clock
  readonly #intervalMs: number
  #dueMs: number | undefined

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock
    this.#intervalMs = 1000 / perSecond
  }

  /** Resolves when the next event is due; rejects with the signal's reason. */
  async wait(signal: AbortSignal): Promise<void> {
    const now = this.#clock.monotonic()
    const due = this.#dueMs ?? now
    const late = now - due > Math.max(100, this.#intervalMs)
    this.#dueMs = (late ? now : due) + this.#intervalMs
    if (due - now > SLACK_MS) await this.#clock.sleep(due - now, { signal })
  }
}
