import { lagOf, type QueueProgress, stateText } from '../../core/admin/index.ts'
import { formatDuration } from '../duration.ts'
import type { Column } from '../output/list.ts'

/** A queue as `offsets show` tells it. */
export interface OffsetItem {
  readonly topic: string
  readonly broker: string
  readonly queue: number
  readonly min: number | null
  readonly max: number | null
  readonly committed: number | null
  readonly lag: number | null
  readonly inflight: number | null
  /** Client ids, separated by commas when there are several. */
  readonly owner: string | null
  /** What the owner would commit now. */
  readonly position: number | null
  /** When the oldest message that is not committed was stored. */
  readonly oldestUnread: string | null
  readonly oldestUnreadAgeMs: number | null
  /** When the broker may remove that message: at the earliest, unless its disk is full. */
  readonly expiresInMs: number | null
  /** When the backlog of the topic on this broker is gone, at the rates of the last minute; -1: it does not shrink. */
  readonly drainsInMs: number | null
  readonly state: string
}

/** What the items are made with. */
export interface ItemOptions {
  readonly userName: (name: string) => string
  readonly now: number
}

/** A queue for people and programs. */
export function offsetItem(progress: QueueProgress, options: ItemOptions): OffsetItem {
  const { queue, min, max, committed, inflight, owners, state } = progress
  const [owner] = owners
  const lag = lagOf(progress)
  const age = lag !== undefined && lag > 0 ? progress.unreadAgeMs : undefined
  return {
    topic: options.userName(queue.topic),
    broker: queue.brokerName,
    queue: queue.queueId,
    min: min ?? null,
    max: max ?? null,
    committed: committed ?? null,
    lag: lag ?? null,
    inflight: inflight ?? null,
    owner: owners.map(({ clientId }) => clientId).join(',') || null,
    position: owners.length === 1 ? (owner?.position ?? null) : null,
    oldestUnread: age === undefined ? null : new Date(options.now - age).toISOString(),
    oldestUnreadAgeMs: age ?? null,
    expiresInMs: age === undefined ? null : (progress.expiresInMs ?? null),
    drainsInMs: lag !== undefined && lag > 0 ? finite(progress.drainsInMs) : null,
    state: stateText(state),
  }
}

/** JSON has no infinite number. */
function finite(drainsInMs: number | undefined): number | null {
  return drainsInMs === Number.POSITIVE_INFINITY ? -1 : (drainsInMs ?? null)
}

/** The columns of a table of queues. */
export const offsetColumns: readonly Column<OffsetItem>[] = [
  { head: 'TOPIC', value: ({ topic }) => topic },
  { head: 'QUEUE', value: ({ broker, queue }) => `${broker}:${queue}` },
  { head: 'MIN', value: ({ min }) => min ?? undefined },
  { head: 'MAX', value: ({ max }) => max ?? undefined },
  { head: 'COMMITTED', value: ({ committed }) => committed ?? undefined },
  { head: 'LAG', value: ({ lag }) => lag ?? undefined },
  { head: 'INFLIGHT', value: ({ inflight }) => inflight ?? undefined },
  { head: 'AGE', value: ({ oldestUnreadAgeMs: age }) => ageText(age) },
  { head: 'EXPIRES-IN', value: ({ expiresInMs }) => ageText(expiresInMs) },
  { head: 'DRAINS-IN', value: ({ drainsInMs }) => (drainsInMs === -1 ? 'never' : ageText(drainsInMs)) },
  { head: 'OWNER', value: ({ owner }) => owner ?? undefined },
  { head: 'POSITION', value: ({ position }) => position ?? undefined, wide: true },
  { head: 'OLDEST-UNREAD', value: ({ oldestUnread }) => oldestUnread ?? undefined, wide: true },
  { head: 'STATE', value: ({ state }) => state },
]

/** A span of time in a table; nothing where none is known. */
export function ageText(ageMs: number | null): string | undefined {
  return ageMs === null ? undefined : formatDuration(ageMs)
}
