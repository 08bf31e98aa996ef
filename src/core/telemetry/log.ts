import type { Change } from './changes.ts'
import type { TelemetryEvent } from './event.ts'
import { type EventChange, eventChanges, together } from './event-changes.ts'

/** One line of the log: what was seen in pictures, or what the engine has told itself. */
export type LogEntry = Change | EventChange

/** Alike events are told together while the next comes within this, and the first of them is not older than that. */
const APART_MS = 10_000
const SPAN_MS = 60_000
/** A picture and an event that tell the same fact are not further apart. */
const SAME_MS = 5000
/** So many entries are kept. */
const MOST = 500

/** The log with an event in it: together with alike ones, and not if a picture has told it already. */
export function logEvent(log: readonly LogEntry[], event: TelemetryEvent): readonly LogEntry[] {
  let entries = log
  for (const change of eventChanges(event)) entries = withEvent(entries, change)
  return entries
}

/** The log with what is new in a picture; facts that an event has told already are left out. */
export function logChanges(log: readonly LogEntry[], changes: readonly Change[]): readonly LogEntry[] {
  const news = changes.filter((change) => !isTold(log, change, isEvent))
  return news.length === 0 ? log : bounded([...log, ...news])
}

function withEvent(log: readonly LogEntry[], change: EventChange): readonly LogEntry[] {
  if (isTold(log, change, (entry) => !isEvent(entry))) return log
  const index = log.findLastIndex((entry) => isEvent(entry) && entry.event.alike === change.event.alike)
  const before = log[index]
  if (
    before === undefined ||
    !isEvent(before) ||
    change.at - before.at > APART_MS ||
    change.at - before.event.since > SPAN_MS
  ) {
    return bounded([...log, change])
  }
  return [...log.slice(0, index), ...log.slice(index + 1), together(before, change)]
}

function isEvent(entry: LogEntry): entry is EventChange {
  return 'event' in entry
}

/** Whether others have told the same fact of all its queues just now. */
function isTold(log: readonly LogEntry[], change: Change, isOther: (entry: LogEntry) => boolean): boolean {
  const { fact, queues, at } = change
  if (fact === undefined || queues.length === 0) return false
  const told = new Set<string>()
  for (let index = log.length - 1; index >= 0; index--) {
    const entry = log[index]
    if (entry === undefined || at - entry.at > SAME_MS) break
    if (entry.fact === fact && entry.group === change.group && isOther(entry))
      for (const queue of entry.queues) told.add(queue)
  }
  return queues.every((queue) => told.has(queue))
}

function bounded(log: readonly LogEntry[]): readonly LogEntry[] {
  return log.length <= MOST ? log : log.slice(-MOST)
}
