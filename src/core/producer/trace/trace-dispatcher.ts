import { type Clock, type Logger, type Timer, unlessLate } from '../../support/index.ts'
import type { TraceRecord } from './trace-record.ts'

/** What a dispatcher works with. */
export interface TraceDispatcherParts {
  readonly clock: Clock
  readonly logger: Logger
  /** Sends some records as one message, found by these keys. */
  readonly send: (text: string, keys: readonly string[]) => Promise<unknown>
}

/** Records kept while the brokers are slow; more are thrown away (Java keeps 2048 calls). */
const MAX_RECORDS = 8192
/** So many are sent without waiting for more (`traceMsgBatchNum`, at most 20). */
const BATCH_RECORDS = 20
/** Limits of one message; the keys must fit into its properties. */
const MAX_CHARACTERS = 128_000
const MAX_KEY_CHARACTERS = 10_000
const FLUSH_MS = 5000
/** How long the end waits for what is left. */
const LAST_FLUSH_MS = 5000
/** Between two complaints. */
const COMPLAIN_MS = 60_000

/**
 * Collects records of traces and sends them beside everything else (`AsyncTraceDispatcher.java`). Whatever the brokers do,
 * whoever traces is not held up and does not fail: what cannot be sent is thrown away, and told once in a while.
 */
export class TraceDispatcher {
  readonly #parts: TraceDispatcherParts
  #records: TraceRecord[] = []
  #sending: Promise<void> | undefined
  #timer: Timer | undefined
  #closed = false
  #lost = 0
  #reason = ''
  #complainedAt = Number.NEGATIVE_INFINITY

  constructor(parts: TraceDispatcherParts) {
    this.#parts = parts
  }

  /** Takes a record; it is sent with others, within 5 s. */
  append(record: TraceRecord): void {
    if (this.#closed) return
    if (this.#records.length >= MAX_RECORDS) {
      this.#lose(1, 'the brokers do not take them fast enough')
      return
    }
    this.#records.push(record)
    if (this.#records.length >= BATCH_RECORDS) this.#flush()
    else
      this.#timer ??= this.#parts.clock.after(FLUSH_MS, () => {
        this.#flush()
      })
  }

  /** Sends what is left, within 5 s; then nothing is taken any more. */
  async close(): Promise<void> {
    this.#closed = true
    this.#flush()
    const { clock, logger } = this.#parts
    const late = (): Error => new Error(`not sent within ${LAST_FLUSH_MS} ms`)
    try {
      await unlessLate(this.#sending ?? Promise.resolve(), { clock, ms: LAST_FLUSH_MS, late })
    } catch (error) {
      logger.warn(`the last traces are lost: ${String(error)}`)
    }
  }

  #flush(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined
    })
  }

  /** One message after another, so that slow brokers are not asked for more and more. */
  async #sendAll(): Promise<void> {
    while (this.#records.length > 0) {
      const batch = takeBatch(this.#records)
      this.#records = this.#records.slice(batch.length)
      const keys = new Set(batch.flatMap((record) => [record.msgId, ...record.keys]))
      const sendable = [...keys].filter((key) => key !== '' && !/\s/.test(key))
      try {
        await this.#parts.send(batch.map(({ text }) => text).join(''), sendable)
      } catch (error) {
        this.#lose(batch.length, String(error))
      }
    }
  }

  #lose(records: number, reason: string): void {
    this.#lost += records
    this.#reason = reason
    const now = this.#parts.clock.monotonic()
    if (now - this.#complainedAt < COMPLAIN_MS) return
    this.#complainedAt = now
    this.#parts.logger.warn(`${this.#lost} trace records are lost: ${this.#reason}`)
  }
}

/** As many as fit into one message, and at least one. */
function takeBatch(records: readonly TraceRecord[]): readonly TraceRecord[] {
  let [characters, keyCharacters] = [0, 0]
  const end = records.findIndex(({ text, msgId, keys }, index) => {
    characters += text.length
    keyCharacters += msgId.length + 1 + keys.reduce((sum, key) => sum + key.length + 1, 0)
    return index > 0 && (characters > MAX_CHARACTERS || keyCharacters > MAX_KEY_CHARACTERS)
  })
  return end === -1 ? records : records.slice(0, end)
}
