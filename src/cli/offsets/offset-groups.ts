import { compareText } from '../../core/protocol/index.ts'
import type { Column } from '../output/list.ts'
import { ageText, type OffsetItem } from './offset-items.ts'

/** What `offsets show --by` takes. */
export const offsetViews = ['queue', 'topic', 'client', 'broker'] as const

/** How queues are put together. */
export type OffsetView = (typeof offsetViews)[number]

/** Queues of one topic, client or broker. */
export interface OffsetGroupItem {
  /** Its name; a queue nobody owns belongs to `-`. */
  readonly name: string
  readonly queues: number
  /** Of the queues in which it is known. */
  readonly lag: number
  /** Queues whose lag is not known: nothing committed, or nobody answered. */
  readonly unknown: number
  readonly inflight: number
  readonly oldestUnread: string | null
  readonly oldestUnreadAgeMs: number | null
  /** Every state but `ok` that some queue has. */
  readonly states: readonly string[]
}

/** Puts queues together; what is unknown is counted, never added. */
export function groupItems(items: readonly OffsetItem[], view: Exclude<OffsetView, 'queue'>): OffsetGroupItem[] {
  const groups = new Map<string, OffsetItem[]>()
  for (const item of items) {
    const name = { topic: item.topic, client: item.owner ?? '-', broker: item.broker }[view]
    const group = groups.get(name) ?? []
    group.push(item)
    groups.set(name, group)
  }
  return [...groups].sort(([a], [b]) => compareText(a, b)).map(([name, queues]) => ({ name, ...sumOf(queues) }))
}

/** What queues come to. */
export function sumOf(queues: readonly OffsetItem[]): Omit<OffsetGroupItem, 'name'> {
  const known = queues.filter(({ lag }) => lag !== null)
  const [oldest] = queues
    .filter(({ oldestUnreadAgeMs: age }) => age !== null)
    .sort((a, b) => (b.oldestUnreadAgeMs ?? 0) - (a.oldestUnreadAgeMs ?? 0))
  return {
    queues: queues.length,
    lag: known.reduce((sum, { lag }) => sum + (lag ?? 0), 0),
    unknown: queues.length - known.length,
    inflight: queues.reduce((sum, { inflight }) => sum + (inflight ?? 0), 0),
    oldestUnread: oldest?.oldestUnread ?? null,
    oldestUnreadAgeMs: oldest?.oldestUnreadAgeMs ?? null,
    states: [...new Set(queues.map(({ state }) => state))].filter((state) => state !== 'ok').sort(compareText),
  }
}

/** The columns of a table of such groups. */
export function groupColumns(view: OffsetView): readonly Column<OffsetGroupItem>[] {
  return [
    { head: view.toUpperCase(), value: ({ name }) => name },
    { head: 'QUEUES', value: ({ queues }) => queues },
    { head: 'LAG', value: ({ lag }) => lag },
    { head: 'UNKNOWN', value: ({ unknown }) => unknown },
    { head: 'INFLIGHT', value: ({ inflight }) => inflight },
    { head: 'AGE', value: ({ oldestUnreadAgeMs: age }) => ageText(age) },
    { head: 'STATES', value: ({ states }) => states.join(' ') || undefined },
  ]
}
