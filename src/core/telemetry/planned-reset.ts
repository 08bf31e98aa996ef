/** What a reset may be of: a queue, a topic, or all topics of a group. */
export interface ResetScope {
  readonly group: string
  readonly topics: readonly string[]
  /** Only this one (`broker-a:0`). */
  readonly queue: string | undefined
}

/** What a plan is wanted of. */
export interface ResetRequest extends ResetScope {
  /** A position, as `mq offsets reset --to` takes it. */
  readonly to: string
}

/** One queue of a plan. */
export interface PlannedRow {
  readonly queue: string
  readonly min: number
  readonly max: number
  readonly committed: number | null
  readonly target: number
  readonly effect: 'REPLAY' | 'SKIP' | 'NOOP' | 'EXPIRED' | 'SEED'
  /** The effect in words: `REPLAY 1220`. */
  readonly text: string
}

/** The plan of one topic. */
export interface TopicPlan {
  readonly topic: string
  /** Who it is about, and how brokers will do it. */
  readonly title: string
  readonly rows: readonly PlannedRow[]
  /** Sums first. */
  readonly notes: readonly string[]
  /** Why it cannot be done, and what to do about that. */
  readonly refused: readonly string[]
  /** The command line that carries it out; `undefined` when it cannot be, or nothing would change. */
  readonly command: string | undefined
}

/** What a reset would do, as a screen shows it. Nothing has been done. */
export interface ResetPlan {
  readonly request: ResetRequest
  /** Ms since the epoch. */
  readonly at: number
  readonly topics: readonly TopicPlan[]
}

/** Asks the cluster what a reset would do, and changes nothing; rejects with a sentence for people. */
export type PlanReset = (request: ResetRequest, signal: AbortSignal) => Promise<ResetPlan>
