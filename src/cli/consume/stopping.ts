import type { Clock } from '../../core/support/index.ts'

/** Why a consume command has ended. */
export type StopReason =
  | 'caught-up'
  | 'until'
  | 'max-messages'
  | 'idle'
  | 'time'
  | 'timeout'
  | 'signal'
  | 'quit'
  | 'output-closed'
  | 'error'

/** The one switch that ends a consume command; the first reason counts. */
export class Stopping {
  readonly #controller = new AbortController()
  #reason: StopReason | undefined
  #error: unknown

  /** Aborted as soon as there is a reason. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get reason(): StopReason | undefined {
    return this.#reason
  }

  /** What failed, if that is the reason. */
  get error(): unknown {
    return this.#error
  }

  stop(reason: StopReason, error?: unknown): void {
    if (this.#reason !== undefined) return
    this.#reason = reason
    this.#error = error
    this.#controller.abort(new DOMException(`stopped: ${reason}`, 'AbortError'))
  }

  /** Stops when another signal aborts. */
  follow(signal: AbortSignal, reason: StopReason): void {
    const stop = (): void => {
      this.stop(reason, signal.reason)
    }
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true, signal: this.signal })
  }

  /** Resolves as soon as there is a reason. */
  async stopped(): Promise<void> {
    if (this.signal.aborted) return
    await new Promise<void>((resolve) => {
      this.signal.addEventListener(
        'abort',
        () => {
          resolve()
        },
        { once: true },
      )
    })
  }
}

/** How often conditions that nothing tells about are looked at. */
const LOOK_MS = 50

/** What ends a consume command by itself. */
export interface StopConditions {
  /** Without any message for so long, in ms. */
  readonly idleMs: number | undefined
  /** After so long, in ms. */
  readonly forMs: number | undefined
  /** Messages seen so far. */
  readonly seen: () => number
  /** Whether all that was asked for is done, and which condition that was. */
  readonly done: (() => StopReason | undefined) | undefined
}

/** Looks at the conditions until one of them, or anything else, stops the command. */
export async function watchConditions(stopping: Stopping, conditions: StopConditions, clock: Clock): Promise<void> {
  const { idleMs, forMs, seen, done } = conditions
  const startedAt = clock.monotonic()
  let lastSeen = seen()
  let lastAt = startedAt
  if (idleMs === undefined && forMs === undefined && done === undefined) return
  while (!stopping.signal.aborted) {
    const now = clock.monotonic()
    if (seen() !== lastSeen) {
      lastSeen = seen()
      lastAt = now
    }
    const reason = done?.()
    if (reason !== undefined) stopping.stop(reason)
    else if (forMs !== undefined && now - startedAt >= forMs) stopping.stop('time')
    else if (idleMs !== undefined && now - lastAt >= idleMs) stopping.stop('idle')
    else await pause(clock, stopping.signal)
  }
}

/** Resolves after a moment, or as soon as the signal aborts. */
async function pause(clock: Clock, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const wake = (): void => {
      timer.cancel()
      signal.removeEventListener('abort', wake)
      resolve()
    }
    const timer = clock.after(LOOK_MS, wake)
    signal.addEventListener('abort', wake)
  })
}
