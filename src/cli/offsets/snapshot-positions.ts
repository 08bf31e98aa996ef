import { UsageError } from '../../core/errors.ts'
import type { Position, Positions } from '../position/position.ts'
import type { Snapshot, SnapshotQueue } from './snapshot.ts'

/** What of a snapshot is wanted. */
export interface SnapshotChoice {
  readonly group: string
  readonly topic: string
  /** Only these queues (`broker-a:0`). */
  readonly queues?: readonly string[] | undefined
}

/**
 * The positions a snapshot has for a topic: of this group, or of the only one in it. Throws UsageError when there are
 * none.
 */
export function snapshotPositions(snapshot: Snapshot, choice: SnapshotChoice): Positions {
  const { group, topic, queues } = choice
  const [only, ...others] = snapshot.groups
  const source = snapshot.groups.find((one) => one.group === group) ?? (others.length === 0 ? only : undefined)
  if (source === undefined) throw new UsageError(`the snapshot has no offsets of group ${group}`)
  const wanted = source.queues.filter((one) => one.topic === topic && one.offset !== null)
  const chosen = wanted.filter((one) => queues === undefined || queues.includes(nameOf(one)))
  if (chosen.length === 0) throw new UsageError(`the snapshot has no offsets of group ${source.group} in ${topic}`)
  return { perQueue: new Map(chosen.map((one) => [nameOf(one), offsetOf(one)])) }
}

/** `broker-a:0` */
export function nameOf({ broker, queue }: Pick<SnapshotQueue, 'broker' | 'queue'>): string {
  return `${broker}:${queue}`
}

/** The offset, or the nearest there still is. */
function offsetOf({ offset }: SnapshotQueue): Position {
  return { kind: 'offset', offset: offset ?? 0, clamp: true }
}

/**
 * The time of a position, for clusters whose offsets are others: that of its message; at the end of a queue everything up
 * to the snapshot had been consumed.
 */
export function timeOf({ storeTime }: SnapshotQueue, takenAt: string): Position {
  return { kind: 'time', timestamp: Date.parse(storeTime ?? takenAt) }
}
