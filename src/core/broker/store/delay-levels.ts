import { UsageError } from '../../errors.ts'

/** Where messages with a delay level wait, one queue a level (`TopicValidator.RMQ_SYS_SCHEDULE_TOPIC`). */
export const SCHEDULE_TOPIC = 'SCHEDULE_TOPIC_XXXX'

/** Where messages with a time of their own wait (`TimerMessageStore.TIMER_TOPIC`). */
export const TIMER_TOPIC = 'rmq_sys_wheel_timer'

/** Java's `messageDelayLevel`. */
const DEFAULT_DELAY_LEVELS = '1s 5s 10s 30s 1m 2m 3m 4m 5m 6m 7m 8m 9m 10m 20m 30m 1h 2h'

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** How long a message of each delay level waits; levels count from 1. */
export class DelayLevels {
  readonly text: string
  readonly #delaysMs: readonly number[]

  /** `text` like `1s 5s 10m 2h`. Throws {@link UsageError} for anything else. */
  constructor(text: string = DEFAULT_DELAY_LEVELS) {
    this.text = text
    this.#delaysMs = text.split(' ').map((part) => {
      const match = /^(\d+)([smhd])$/.exec(part)
      const unit = unitMs[match?.[2] ?? '']
      if (match === null || unit === undefined) {
        throw new UsageError(`'${part}' is not a delay level; write numbers with s, m, h or d, e.g. '1s 5s 10m 2h'`)
      }
      return Number(match[1]) * unit
    })
  }

  get highest(): number {
    return this.#delaysMs.length
  }

  /** A level that exists: too great a one counts as the highest, as in Java. */
  clamp(level: number): number {
    return Math.min(level, this.highest)
  }

  delayMsOf(level: number): number {
    return this.#delaysMs[level - 1] ?? 0
  }
}
