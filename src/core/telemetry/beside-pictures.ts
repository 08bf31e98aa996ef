import type { TelemetryEvent } from './event.ts'

/** What comes of a consumer beside pictures of it: what happens in its engine, or how much of that was left out. */
export type EngineEvent = TelemetryEvent | { readonly type: 'dropped'; readonly events: number }

/** Who tells what happens in a consumer. */
export interface EventSource {
  /** Tells it until the returned function is called. */
  follow(listener: (event: EngineEvent) => void): () => void
}

/** Something that is wrong with a group, as the doctor tells it and a screen shows it. */
export interface ShownFinding {
  /** Of the check that found it, e.g. `D08`. */
  readonly id: string
  readonly severity: 'error' | 'warning'
  readonly group: string
  /** The topic, queue, member, broker or group it is about. */
  readonly subject: string
  /** What was seen. */
  readonly evidence: string
  readonly cause: string
  /** A command or a deed that leads on. */
  readonly next: string
}

/** What an examination comes to. */
export interface Examined {
  readonly findings: readonly ShownFinding[]
  /** What could not be judged, and why: a sentence each. */
  readonly unknown: readonly string[]
}

/** What comes from whoever examines the groups that are shown. */
export type FindingsNews =
  /** An examination has begun. */
  | { readonly kind: 'looking' }
  /** `at` is in ms since the epoch. */
  | ({ readonly kind: 'found'; readonly at: number } & Examined)
  /** What was found before stays. */
  | { readonly kind: 'failed'; readonly reason: string }

/** Who examines groups, beside the pictures of them. */
export interface FindingsSource {
  /** Begins to examine, again and again, and tells what came of it until the returned function is called. */
  follow(listener: (news: FindingsNews) => void): () => void
  /** Examines now, unless it does so already. */
  lookNow(): void
}
