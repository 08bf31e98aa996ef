import type { Clock, Logger } from '../../support/index.ts'
import type { RebalanceOutcome } from './rebalance.ts'

interface Options {
  readonly clock: Clock
  readonly logger: Logger
  /** One pass. */
  readonly rebalance: (signal: AbortSignal) => Promise<RebalanceOutcome>
  /** Between two passes when nothing happens. */
  readonly intervalMs: number
  /** After an incomplete pass. */
  readonly retryMs?: number
  /** How long until something that a pass waits for may be done, in ms; `undefined`: nothing is waited for. */
  readonly dueInMs?: () => number | undefined
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
    const { intervalMs, retryMs = 1000, dueInMs } = this.#options
    for (;;) {
      this.#woken = false
      const outcome = await this.#pass(signal)
      if (outcome === 'complete') this.#passes += 1
      const pauseMs = outcome === 'incomplete' ? retryMs : intervalMs
      await this.#pause(Math.min(pauseMs, dueInMs?.() ?? pauseMs), signal)
    }
  }

  /** Whatever goes wrong in a pass must not end the loop. */
  async #pass(signal: AbortSignal): Promise<RebalanceOutcome> {
    try {
      return await this.#options.rebalance(signal)
    } catch (error) {
      this.#options.logger.warn(`a rebalance pass failed: ${String(error)}`)
      return 'incomplete'
    }
  }

  async #pause(delayMs: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#woken) return
    const end = new AbortController()
    this.#wake = () => {
      end.abort()
    }
    signal.addEventListener('abort', this.#wake, { once: true })
    try {
      await this.#options.clock.sleep(delayMs, { signal: end.signal })
    } catch (error) {
      signal.throwIfAborted()
      if (!end.signal.aborted) throw error
    } finally {
      signal.removeEventListener('abort', this.#wake)
      this.#wake = undefined
    }
  }
}
