import type { Clock, Logger } from '../support/index.ts'
import type { Cleaner } from './store/cleaner.ts'
import type { CommitLog } from './store/commit-log.ts'

/** How long messages are kept. */
export interface RetentionLimits {
  /** In ms. A message that waits for its time is kept until then. @default 72 hours */
  readonly maxAgeMs?: number | undefined
  /** No more bytes of messages than about this. @default no limit */
  readonly maxBytes?: number | undefined
}

/** Java's `fileReservedTime`. */
const DEFAULT_MAX_AGE_MS = 72 * 3_600_000

/** How often the oldest messages are looked at. */
export const RETENTION_PERIOD_MS = 60_000

/** Removes messages that are too old or too many, the oldest first. */
export class Retention {
  readonly #parts: {
    readonly clock: Clock
    readonly logger: Logger
    readonly cleaner: Cleaner
    readonly log: CommitLog
  }
  /** How long messages are kept, in ms. */
  readonly maxAgeMs: number
  readonly #maxBytes: number

  constructor(
    parts: { readonly clock: Clock; readonly logger: Logger; readonly cleaner: Cleaner; readonly log: CommitLog },
    limits: RetentionLimits,
  ) {
    this.#parts = parts
    this.maxAgeMs = limits.maxAgeMs ?? DEFAULT_MAX_AGE_MS
    this.#maxBytes = limits.maxBytes ?? Number.POSITIVE_INFINITY
  }

  /** Looks once. Rejects with StorageError when the disk fails. */
  async run(): Promise<void> {
    const { clock, logger, cleaner, log } = this.#parts
    const belowPosition = this.#maxBytes === Number.POSITIVE_INFINITY ? 0 : Math.max(0, log.next - this.#maxBytes)
    const removed = await cleaner.expire({ beforeMs: clock.now() - this.maxAgeMs, belowPosition })
    if (removed > 0) logger.info(`removed ${removed} old messages`)
  }
}
