import { type Clock, sleepWith, type Timer } from '../../src/core/support/index.ts'

/** What `now()` says when a virtual clock is made: 2023-11-14T22:13:20Z. */
export const EPOCH_MS = 1_700_000_000_000

interface VirtualTimer {
  readonly dueMs: number
  readonly fn: () => void
}

/**
 * A clock that moves only when a test says so. `advance` runs the timers that fall due one at a time, earliest first and
 * in the order they were set when they are due together, and waits after each until every promise chain has settled, so
 * that what a timer started can set timers of its own within the same advance.
 */
export class VirtualClock implements Clock {
  #elapsedMs = 0
  #advancing = false
  /** Sorted by due time, then by the order of setting. */
  readonly #timers: VirtualTimer[] = []

  now(): number {
    return EPOCH_MS + this.#elapsedMs
  }

  monotonic(): number {
    return this.#elapsedMs
  }

  after(delayMs: number, fn: () => void): Timer {
    const timer: VirtualTimer = { dueMs: this.#elapsedMs + Math.max(0, delayMs), fn }
    this.#timers.splice(this.#insertAt(timer.dueMs), 0, timer)
    return {
      cancel: () => {
        const at = this.#timers.indexOf(timer)
        if (at !== -1) this.#timers.splice(at, 1)
      },
    }
  }

  sleep(delayMs: number, options?: { readonly signal?: AbortSignal | undefined }): Promise<void> {
    return sleepWith(this, delayMs, options?.signal)
  }

  /** How many timers are set and have neither run nor been cancelled. */
  get pending(): number {
    return this.#timers.length
  }

  /** Moves time forward by `ms` and resolves when everything that became due has run and settled. */
  async advance(ms: number): Promise<void> {
    if (this.#advancing) throw new Error('advance() is already running; await it before the next one')
    this.#advancing = true
    try {
      await this.settle()
      const untilMs = this.#elapsedMs + ms
      for (let timer = this.#timers[0]; timer && timer.dueMs <= untilMs; timer = this.#timers[0]) {
        this.#timers.shift()
        this.#elapsedMs = Math.max(this.#elapsedMs, timer.dueMs)
        timer.fn()
        await this.settle()
      }
      this.#elapsedMs = untilMs
    } finally {
      this.#advancing = false
    }
  }

  /** Waits, without moving time, until every promise chain and `nextTick` that is ready has run. */
  async settle(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
  }

  #insertAt(dueMs: number): number {
    let low = 0
    let high = this.#timers.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#timers[middle]?.dueMs ?? 0) <= dueMs) low = middle + 1
      else high = middle
    }
    return low
  }
}
