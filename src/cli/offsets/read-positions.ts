import { type Positions, parsePositions } from '../position/position.ts'
import { readSnapshot } from './snapshot.ts'
import { snapshotPositions } from './snapshot-positions.ts'

/** What the words of a reset are read against. */
export interface ResetWords {
  readonly topic: string
  readonly group: string
  /** Only these (`broker-a:0`). */
  readonly queues: readonly string[] | undefined
  readonly timeZone?: string | undefined
  /** Ms since the epoch: what "ago" counts from. */
  readonly now: number
}

/** Reads where a group is to go on: a position, one for each queue, or a snapshot (`file:`). Throws UsageError, saying what was read. */
export function readPositions(text: string, { topic, group, queues, timeZone, now }: ResetWords): Positions {
  const given = text.trim()
  if (!given.startsWith('file:')) return parsePositions(given, { now, timeZone })
  return snapshotPositions(readSnapshot(given.slice('file:'.length)), { topic, group, queues })
}
