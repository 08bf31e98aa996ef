import { type MessageQueue, queueKey } from '../protocol/index.ts'
import { abortReason } from '../support/index.ts'

/** What is paused: one queue, or all of a topic. */
export type Pausable = string | MessageQueue

/** The gates that the pull loops of a consumer wait at while they are closed: one for all, one a topic, one a queue. */
export class Pause {
  #all = false
  readonly #topics = new Set<string>()
  readonly #queues = new Set<string>()
  readonly #waiting = new Set<() => void>()

  /** Whether everything is paused. */
  get paused(): boolean {
    return this.#all
  }

  /** Closes the gate of a queue, of a topic, or of all. */
  pause(what?: Pausable): void {
    if (what === undefined) this.#all = true
    else if (typeof what === 'string') this.#topics.add(what)
    else this.#queues.add(queueKey(what))
  }

  /** Opens that gate again; without a word of which, all of them. */
  resume(what?: Pausable): void {
    if (what === undefined) {
      this.#all = false
      this.#topics.clear()
      this.#queues.clear()
    } else if (typeof what === 'string') this.#topics.delete(what)
    else this.#queues.delete(queueKey(what))
    for (const look of [...this.#waiting]) look()
  }

  /** Whether a queue has to wait. */
  holds(queue: MessageQueue): boolean {
    if (this.#all) return true
    if (this.#topics.size > 0 && this.#topics.has(queue.topic)) return true
    return this.#queues.size > 0 && this.#queues.has(queueKey(queue))
  }

  /** Resolves at once, or when no gate holds the queue any more; rejects when the signal aborts. */
  async passed(queue: MessageQueue, signal: AbortSignal): Promise<void> {
    if (!this.holds(queue)) return
    signal.throwIfAborted()
    await new Promise<void>((resolve, reject) => {
      const end = (): void => {
        this.#waiting.delete(look)
        signal.removeEventListener('abort', stop)
      }
      const look = (): void => {
        if (this.holds(queue)) return
        end()
        resolve()
      }
      const stop = (): void => {
        end()
        reject(abortReason(signal))
      }
      this.#waiting.add(look)
      signal.addEventListener('abort', stop, { once: true })
    })
  }
}
