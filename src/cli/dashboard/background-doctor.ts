import { RocketMQError } from '../../core/errors.ts'
import type { Clock } from '../../core/support/index.ts'
import type { Examined, FindingsNews, FindingsSource } from '../../core/telemetry/index.ts'

/** The first time, when the first picture is there. */
const FIRST_MS = 1500
/** From the end of an examination to the next: members are asked for more than a picture needs. */
const EVERY_MS = 30_000

/** What an examination comes to; rejects when it cannot be made. */
export type Examine = (signal: AbortSignal) => Promise<Examined>

/** Examines beside a screen that shows what was found: one examination at a time, and whatever fails is told. */
export class BackgroundDoctor implements FindingsSource {
  readonly #examine: Examine
  readonly #clock: Pick<Clock, 'now' | 'after'>
  readonly #ended = new AbortController()
  #listener: (news: FindingsNews) => void = () => undefined
  #timer: { cancel(): void } | undefined
  #isLooking = false

  constructor(examine: Examine, clock: Pick<Clock, 'now' | 'after'>) {
    this.#examine = examine
    this.#clock = clock
  }

  follow(listener: (news: FindingsNews) => void): () => void {
    this.#listener = listener
    this.#lookIn(FIRST_MS)
    return () => {
      this.#listener = () => undefined
      this.#timer?.cancel()
      this.#ended.abort()
    }
  }

  lookNow(): void {
    if (this.#isLooking || this.#ended.signal.aborted) return
    this.#timer?.cancel()
    this.#look()
  }

  #lookIn(delayMs: number): void {
    if (this.#ended.signal.aborted) return
    this.#timer = this.#clock.after(delayMs, () => this.lookNow())
  }

  #look(): void {
    this.#isLooking = true
    this.#listener({ kind: 'looking' })
    const done = (news: FindingsNews): void => {
      this.#isLooking = false
      this.#listener(news)
      this.#lookIn(EVERY_MS)
    }
    this.#examine(this.#ended.signal).then(
      (examined) => done({ kind: 'found', at: this.#clock.now(), ...examined }),
      (error: unknown) => done({ kind: 'failed', reason: reasonOf(error) }),
    )
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof RocketMQError) return error.message
  return `this is a fault of mq: ${error instanceof Error ? error.message : String(error)}`
}
