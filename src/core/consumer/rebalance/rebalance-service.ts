import type { Clock } from '../../support/index.ts'

interface Options {
  readonly clock: Clock
  /** One pass; resolves to whether the share is complete. */
  readonly rebalance: () => Promise<boolean>
  /** Between two passes when nothing happens. */
  readonly intervalMs: number
  /** After an incomplete pass. */
  readonly retryMs?: number
}

/** When to rebalance (`RebalanceService.java`): at the interval, when woken, and soon again after an incomplete pass. */
export class RebalanceService {
  readonly #options: Options
  #woken = false
  #wake: (() => void) | undefined
  #passes = 0

  constructor(options: Options) {
    this.#options = options
  }

  /** Complete passes so far. */
  get passes(): number {
    return this.#passes
  }

  /** Asks for a pass soon. A call during a pass leads to one more. */
  wake(): void {
    this.#woken = true
    this.#wake?.()
  }

  /** The loop; ends with the signal. */
  readonly run = async (signal: AbortSignal): Promise<void> => {
    for (;;) {
      this.#woken = false
      const balanced = await this.#options.rebalance()
      if (balanced) this.#passes += 1
      await this.#pause(balanced ? this.#options.intervalMs : (this.#options.retryMs ?? 1000), signal)
    }
  }

  async #pause(delayMs: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#woken) return
    const woken = new AbortController()
    this.#wake = () => {
      woken.abort()
    }
    try {
      await this.#options.clock.sleep(delayMs, { signal: AbortSignal.any([signal, woken.signal]) })
    } catch (error) {
      if (signal.aborted) throw error
    } finally {
      this.#wake = undefined
    }
  }
}
