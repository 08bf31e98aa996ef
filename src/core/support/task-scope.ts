import { setMaxListeners } from 'node:events'
import { isAbort } from '../errors.ts'
import type { Clock } from './clock.ts'

/** What a background task may use. */
export type Task = (signal: AbortSignal) => Promise<void> | void

/**
 * Owns background work: every loop and timer of a part belongs to one scope, and `close()` resolves when all of it has
 * ended. An error that escapes a task is given to `onError`, never lost; an abort is the normal end.
 */
export class TaskScope {
  readonly #controller = new AbortController()
  #running = 0
  readonly #closing: (() => void)[] = []
  readonly #clock: Clock
  readonly #onError: (error: unknown, task: string) => void

  constructor(options: { readonly clock: Clock; readonly onError: (error: unknown, task: string) => void }) {
    this.#clock = options.clock
    // Everything that goes on in a scope listens, and that is no leak.
    setMaxListeners(0, this.signal)
    this.#onError = options.onError
  }

  /** Aborted by `close()`. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Starts a task. Does nothing when the scope is closed. A name that costs memory is made when it is needed. */
  run(name: string | (() => string), task: Task): void {
    if (this.signal.aborted) return
    let running: unknown
    try {
      running = task(this.signal)
    } catch (error) {
      this.#failed(error, name)
    }
    if (!(running instanceof Promise)) return
    this.#running += 1
    // Not by an async function: there may be thousands, and each would be kept as long as its task runs.
    running.then(this.#ended, (error: unknown) => {
      this.#failed(error, name)
      this.#ended()
    })
  }

  /** Runs `task` after `firstMs` and then `periodMs` after each run has ended: it never overlaps itself. */
  every(name: string, periodMs: number, task: Task, options: { readonly firstMs?: number } = {}): void {
    this.run(name, async (signal) => {
      await this.#clock.sleep(options.firstMs ?? periodMs, { signal })
      for (;;) {
        try {
          await task(signal)
        } catch (error) {
          this.#failed(error, name)
        }
        await this.#clock.sleep(periodMs, { signal })
      }
    })
  }

  /** Aborts everything and waits until it has ended. May be called more than once. */
  async close(): Promise<void> {
    this.#controller.abort(new DOMException('closed', 'AbortError'))
    if (this.#running > 0) await new Promise<void>((resolve) => this.#closing.push(resolve))
  }

  readonly #ended = (): void => {
    this.#running -= 1
    if (this.#running === 0) for (const resolve of this.#closing.splice(0)) resolve()
  }

  #failed(error: unknown, name: string | (() => string)): void {
    if (this.signal.aborted && isAbort(error)) return
    this.#onError(error, typeof name === 'string' ? name : name())
  }
}
