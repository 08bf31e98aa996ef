import type { MessageExt, MessageQueue } from '../../protocol/index.ts'
import type { Clock } from '../../support/index.ts'
import type { Batch, ProcessQueue } from '../process-queue.ts'

/** Messages that a poll has handed out, and that do not count as consumed yet. */
export interface HandedOut {
  readonly processQueue: ProcessQueue
  readonly batch: Batch
}

/** What polls take from: the queues that have messages, in turn. */
export class Polling {
  readonly #clock: Clock
  /** Whether messages of a queue are to be kept back for now. */
  readonly #holds: (queue: MessageQueue) => boolean
  readonly #ready = new Set<ProcessQueue>()
  #handedOut: HandedOut | undefined
  /** Ends the wait of the poll under way. */
  #wake: (() => void) | undefined
  readonly #finished = new Set<() => void>()

  constructor(clock: Clock, holds: (queue: MessageQueue) => boolean) {
    this.#clock = clock
    this.#holds = holds
  }

  /** Whether a poll waits. */
  get waits(): boolean {
    return this.#wake !== undefined
  }

  /** A queue has messages. */
  add(processQueue: ProcessQueue): void {
    this.#ready.add(processQueue)
    this.#wake?.()
  }

  /** Something has changed: a poll that waits looks again. */
  look(): void {
    this.#wake?.()
  }

  /** Takes up to `max` messages of the queue whose turn it is. */
  take(max: number): readonly MessageExt[] | undefined {
    for (const processQueue of this.#ready) {
      if (this.#holds(processQueue.messageQueue)) continue
      this.#ready.delete(processQueue)
      const batch = processQueue.take(max)
      if (batch === undefined) continue
      // Behind the others.
      if (processQueue.ready > 0) this.#ready.add(processQueue)
      this.#handedOut = { processQueue, batch }
      return batch.messages
    }
    return undefined
  }

  /** What was handed out last counts as consumed from now on. Returns it. */
  finish(): HandedOut | undefined {
    const handedOut = this.#handedOut
    this.#handedOut = undefined
    if (handedOut === undefined) return undefined
    const { processQueue, batch } = handedOut
    for (let i = 0; i < batch.messages.length; i++) processQueue.finish(batch.first + i)
    for (const done of [...this.#finished]) done()
    return handedOut
  }

  /** Resolves when there may be something to take, or after `timeoutMs`. */
  async wait(timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = this.#clock.after(timeoutMs, () => this.#wake?.())
      this.#wake = () => {
        this.#wake = undefined
        timer.cancel()
        resolve()
      }
    })
  }

  /** Resolves to true when nothing of a queue is handed out, or to false after `timeoutMs`. */
  async drained(processQueue: ProcessQueue, timeoutMs: number): Promise<boolean> {
    this.#ready.delete(processQueue)
    if (this.#handedOut?.processQueue !== processQueue) return true
    return new Promise((resolve) => {
      const end = (drained: boolean): void => {
        timer.cancel()
        this.#finished.delete(done)
        resolve(drained)
      }
      const done = (): void => {
        end(true)
      }
      const timer = this.#clock.after(timeoutMs, () => {
        end(false)
      })
      this.#finished.add(done)
    })
  }
}
