/**
 * Counts what has arrived of a numbered series, each number once however often it comes. Memory is bounded by how far the
 * series arrives out of order.
 */
export class Arrivals {
  readonly #ahead = new Set<number>()
  #next = 0
  #again = 0

  /** How many different numbers have arrived. */
  get count(): number {
    return this.#next + this.#ahead.size
  }

  /** How many arrivals were repetitions. */
  get again(): number {
    return this.#again
  }

  /** Notes a number, from 0. */
  add(number: number): void {
    if (number < this.#next || this.#ahead.has(number)) {
      this.#again += 1
      return
    }
    this.#ahead.add(number)
    while (this.#ahead.delete(this.#next)) this.#next += 1
  }
}
