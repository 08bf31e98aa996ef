import { abortReason } from '../support/index.ts'

/** A gate that the pull loops of a consumer wait at while it is closed. */
export class Pause {
  #paused = false
  readonly #waiting = new Set<() => void>()

  get paused(): boolean {
    return this.#paused
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    for (const go of [...this.#waiting]) go()
  }

  /** Resolves at once, or when resumed; rejects when the signal aborts. */
  async passed(signal: AbortSignal): Promise<void> {
    if (!this.#paused) return
    signal.throwIfAborted()
    await new Promise<void>((resolve, reject) => {
      const go = (): void => {
        this.#waiting.delete(go)
        signal.removeEventListener('abort', stop)
        resolve()
      }
      const stop = (): void => {
        this.#waiting.delete(go)
        reject(abortReason(signal))
      }
      this.#waiting.add(go)
      signal.addEventListener('abort', stop, { once: true })
    })
  }
}
