/**
 * What may be seen of consumer groups from outside at one moment: one shape for all that shows it (dashboard, feed,
 * metrics, `--once -o json`), whoever has looked – this process at its own engine, the feed of another process, or the
 * brokers, which ask the members (GET_CONSUMER_RUNNING_INFO, in any client language).
 *
 * It is JSON as it stands. Times are epoch milliseconds; sizes bytes; rates per second. `null` is "not known", never 0.
 */
export interface Snapshot {
  readonly schemaVersion: 1
  /** When it was taken. */
  readonly asOf: number
  readonly source: 'process' | 'feed' | 'relay'
  /** The cluster, as a person would call it: a context, or the name servers. */
  readonly cluster: string
  readonly groups: readonly GroupSnapshot[]
  /** Somebody did not answer: `errors` says who. */
  readonly partial: boolean
  readonly errors: readonly SnapshotError[]
}

/** Who did not answer, and why. */
export interface SnapshotError {
  /** A broker, a client id or a name server. */
  readonly subject: string
  readonly message: string
}

/** One consumer group. */
export interface GroupSnapshot {
  readonly group: string
  readonly online: boolean
  readonly messageModel: 'CLUSTERING' | 'BROADCASTING' | null
  readonly clients: readonly ClientSnapshot[]
  /** Of its subscribed topics, in the order topic, broker, queue; the retry topic's are among them. */
  readonly queues: readonly QueueSnapshot[]
  readonly totals: GroupTotals
}

/** Sums of a group: of what is known; a queue that is not is left out and makes the snapshot partial. */
export interface GroupTotals {
  /** Without the retry topic. */
  readonly lag: number | null
  readonly retryLag: number | null
  readonly dlq: number | null
  readonly cached: number | null
  readonly cachedBytes: number | null
  readonly inflight: number | null
  /** When the oldest unread message was stored. */
  readonly oldestUnread: number | null
  readonly rates: Rates | null
}

/** Messages per second. */
export interface Rates {
  /** Pulled. */
  readonly in: number
  /** Consumed. */
  readonly ok: number
  /** Failed. */
  readonly failed: number
}

/** Messages. */
export interface Counts {
  /** Pulled. */
  readonly in: number
  /** Consumed. */
  readonly ok: number
  /** Failed. */
  readonly failed: number
}

/** One member. */
export interface ClientSnapshot {
  readonly clientId: string
  readonly address: string | null
  /** As clients call themselves: JAVA, GO, OTHER … */
  readonly language: string | null
  readonly version: string | null
  readonly orderly: boolean | null
  readonly strategy: string | null
  readonly concurrency: number | null
  readonly limits: FlowLimits | null
  readonly queues: number
  readonly cached: number | null
  readonly cachedBytes: number | null
  readonly rates: Rates | null
  /** Messages since it was started; only from our own engine. */
  readonly counts?: Counts | null
  /** Milliseconds a listener call takes, on average of the last minute. */
  readonly consumeMillis: number | null
  /** Why it has told nothing of itself; `null`: it has. */
  readonly error: string | null
  /** When it told what is said of it, where that is older than the snapshot: it has not answered since. */
  readonly toldAt?: number
}

/** The limits of flow control of a member, for each of its queues. */
export interface FlowLimits {
  readonly count: number
  readonly bytes: number
  /** Only for concurrent consumption. */
  readonly span: number | null
}

/** One queue, as its owner and its broker see it. */
export interface QueueSnapshot {
  readonly topic: string
  readonly broker: string
  readonly queue: number
  /** Client ids of all who hold it; more than one is a fault, or a rebalance. */
  readonly owners: readonly string[]
  readonly min: number | null
  readonly max: number | null
  readonly committed: number | null
  readonly lag: number | null
  /** When the oldest unread message was stored. */
  readonly oldestUnread: number | null
  /** Pulled and not finished. */
  readonly cached: number | null
  readonly cachedBytes: number | null
  /** From the lowest unfinished to the highest pulled offset. */
  readonly span: number | null
  /** Handed to a listener and not finished; `null` where the client does not tell. */
  readonly inflight: number | null
  /** The lowest unfinished offset; `null` when nothing is unfinished. */
  readonly headOffset: number | null
  /** Since when the head has been waiting or running. */
  readonly headSince: number | null
  /** Holds the broker's lock; `null` for concurrent consumption. */
  readonly locked: boolean | null
  readonly paused: boolean | null
  readonly lastPull: number | null
  readonly lastConsume: number | null
  /** The limit of flow control that will bite first, and how much of it is used, 0 to 1 and beyond. */
  readonly pressure: Pressure | null
  readonly state: QueueState
  /** Of listener calls of the last minute, in milliseconds; only from our own engine. */
  readonly latency: Latency | null
  /** When its broker told its offsets, where that is older than the snapshot: it has not answered since. */
  readonly toldAt?: number
}

/** How near a queue is to a limit of flow control. */
export interface Pressure {
  readonly limit: 'count' | 'bytes' | 'span'
  readonly used: number
}

/** Milliseconds. */
export interface Latency {
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
}

/**
 * - OK: nothing waits, or it flows
 * - BUSY: messages wait for a free listener
 * - FLOW: the pull stands still at a limit of flow control
 * - BLOCK: the head has not moved for a minute
 * - STALL: there is something to read, and nobody has pulled for a minute
 * - PAUSED: on purpose
 * - NOLOCK: in order, and without the broker's lock
 * - NOOWNER, TWOOWNERS: nobody or several hold it
 * - UNKNOWN: the owner or the broker did not answer
 */
export type QueueState =
  | 'OK'
  | 'BUSY'
  | 'FLOW'
  | 'BLOCK'
  | 'STALL'
  | 'PAUSED'
  | 'NOLOCK'
  | 'NOOWNER'
  | 'TWOOWNERS'
  | 'UNKNOWN'
