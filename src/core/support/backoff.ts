/** Delays between attempts: doubling from `firstMs` up to `maxMs`, the last one repeating. */
export class Backoff {
  readonly #firstMs: number
  readonly #maxMs: number
  #nextMs: number

  constructor(firstMs: number, maxMs: number) {
    this.#firstMs = Math.min(firstMs, maxMs)
    this.#maxMs = maxMs
    this.#nextMs = this.#firstMs
  }

  /** The delay before the next attempt, in milliseconds. */
  next(): number {
    const delay = this.#nextMs
    this.#nextMs = Math.min(this.#nextMs * 2, this.#maxMs)
    return delay
  }

  /** Starts over after a success. */
  reset(): void {
    this.#nextMs = this.#firstMs
  }
}
