import type { Clock } from '../support/index.ts'

/** Counts events per second of the recent past, to tell rates (`StatsItem.java`, without its sampling delay). */
export class RateMeter {
  readonly #clock: Clock
  readonly #counts: Float64Array
  #second: number
  readonly #first: number

  /** Remembers the last `seconds`. */
  constructor(clock: Clock, seconds: number) {
    this.#clock = clock
    this.#counts = new Float64Array(seconds + 1)
    this.#second = this.#now()
    this.#first = this.#second
  }

  add(events: number): void {
    this.#turn()
    const at = this.#second % this.#counts.length
    this.#counts[at] = (this.#counts[at] ?? 0) + events
  }

  /** Events per second over the last full `seconds`, or over as many as there have been. */
  perSecond(seconds: number): number {
    this.#turn()
    const span = Math.min(seconds, this.#counts.length - 1, Math.max(1, this.#second - this.#first))
    let sum = 0
    for (let back = 1; back <= span; back++) {
      if (this.#second - back >= 0) sum += this.#counts[(this.#second - back) % this.#counts.length] ?? 0
    }
    return sum / span
  }

  /** Empties the seconds that have passed since the last look. */
  #turn(): void {
    const now = this.#now()
    const empty = Math.min(now - this.#second, this.#counts.length)
    for (let ahead = 1; ahead <= empty; ahead++) this.#counts[(this.#second + ahead) % this.#counts.length] = 0
    this.#second = now
  }

  #now(): number {
    return Math.floor(this.#clock.monotonic() / 1000)
  }
}
