import type { Snapshot, TelemetryEvent, TelemetryEventType } from '../../core/telemetry/index.ts'
import { telemetryEventTypes } from '../../core/telemetry/index.ts'

/** The version of the feed: a reader of another one is refused. */
export const FEED_PROTO = 1

/** Why a feed closes a connection, beside the codes of WebSocket itself. */
export const FeedClose = { OTHER_VERSION: 4400, NO_SUB: 4408 } as const

/** Who speaks, as the first frame says. */
export interface Hello {
  readonly type: 'hello'
  readonly proto: number
  /** `mq`. */
  readonly app: string
  readonly pid: number
  readonly clientId: string
  readonly group: string
  readonly topic: string
  /** Epoch milliseconds. */
  readonly startedAt: number
}

/** What a feed says; a text frame of JSON each. */
export type FeedFrame =
  | Hello
  | { readonly type: 'snap'; readonly seq: number; readonly snapshot: Snapshot }
  | { readonly type: 'events'; readonly events: readonly TelemetryEvent[]; readonly dropped: number }
  | { readonly type: 'bye'; readonly reason: string }

/** What a reader says: what it wants. */
export interface Sub {
  readonly type: 'sub'
  readonly proto: number
  /** Snapshots per second. */
  readonly rate: number
  readonly events: readonly TelemetryEventType[]
}

/** Slower and faster than this is not to be had. */
export const RATES = { min: 0.1, max: 5 } as const

/** Reads what a reader has said; `undefined` when it cannot be understood. Of another version nothing but that counts. */
export function readSub(text: string): Sub | undefined {
  const value = parsed(text)
  if (value?.['type'] !== 'sub' || typeof value['proto'] !== 'number') return undefined
  const { proto } = value
  if (proto !== FEED_PROTO) return { type: 'sub', proto, rate: 1, events: [] }
  const { rate = 1, events = [] } = value
  if (typeof rate !== 'number' || !(rate >= RATES.min && rate <= RATES.max) || !Array.isArray(events)) return undefined
  if (events.length > telemetryEventTypes.length || !events.every(isEventType)) return undefined
  return { type: 'sub', proto, rate, events }
}

/** Reads what a feed has said; `undefined` for what is none of its frames. */
export function readFrame(text: string): FeedFrame | undefined {
  const value = parsed(text)
  switch (value?.['type']) {
    case 'hello':
      return typeof value['proto'] === 'number' ? (value as unknown as Hello) : undefined
    case 'snap':
      return isSnapshot(value['snapshot']) ? (value as unknown as FeedFrame) : undefined
    case 'events':
      return Array.isArray(value['events']) && value['events'].every(isRecord)
        ? (value as unknown as FeedFrame)
        : undefined
    case 'bye':
      return { type: 'bye', reason: typeof value['reason'] === 'string' ? value['reason'] : 'it has ended' }
    default:
      return undefined
  }
}

/** Whether a word is a type of event. */
export function isEventType(word: unknown): word is TelemetryEventType {
  return (telemetryEventTypes as readonly unknown[]).includes(word)
}

/** What is drawn of must be there; the rest is the word of a process of the same user. */
function isSnapshot(value: unknown): boolean {
  return (
    isRecord(value) && value['schemaVersion'] === 1 && Array.isArray(value['groups']) && Array.isArray(value['errors'])
  )
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    // What is no JSON is no frame: the caller says so to whoever sent it.
    return undefined
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
