/** What the members of one group were given, as one observer sees it. */
export class Deliveries {
  readonly #seen = new Map<number, Set<number>>()
  readonly #last = new Map<number, number>()
  readonly #perSecond = new Map<number, number>()
  #measuring = false
  #total = 0
  #longestPauseMs = 0

  /** From now on; what came before only counts as seen. */
  measure(): void {
    this.#measuring = true
    this.#last.clear()
  }

  /** To now: each queue's last pause may be going on. */
  end(now: number): void {
    for (const queue of this.#last.keys()) this.#pause(queue, now)
    this.#measuring = false
  }

  note(queue: number, offset: number, now: number): void {
    const offsets = this.#seen.get(queue) ?? new Set()
    this.#seen.set(queue, offsets.add(offset))
    this.#total += 1
    if (!this.#measuring) return
    this.#pause(queue, now)
    this.#last.set(queue, now)
    const second = Math.floor(now / 1000)
    this.#perSecond.set(second, (this.#perSecond.get(second) ?? 0) + 1)
  }

  /** Messages that came at least once. */
  get distinct(): number {
    return [...this.#seen.values()].reduce((sum, { size }) => sum + size, 0)
  }

  get duplicates(): number {
    return this.#total - this.distinct
  }

  /** The longest time in which a queue was not consumed. */
  get longestPauseMs(): number {
    return this.#longestPauseMs
  }

  /** The most messages in one second. */
  get largestBurst(): number {
    return Math.max(0, ...this.#perSecond.values())
  }

  #pause(queue: number, now: number): void {
    const before = this.#last.get(queue)
    if (before !== undefined) this.#longestPauseMs = Math.max(this.#longestPauseMs, now - before)
  }
}
