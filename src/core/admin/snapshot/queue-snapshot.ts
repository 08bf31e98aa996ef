import { compareText } from '../../protocol/index.ts'
import { type FlowLimits, type QueueSnapshot, queuePressure, queueState } from '../../telemetry/index.ts'
import { lagOf, type QueueProgress } from '../offsets/queue-progress.ts'
import type { HeldQueue } from './held-queue.ts'

/** A queue's offsets as its broker told them, now or before. */
export interface ToldOffsets {
  readonly min: number | null
  readonly max: number | null
  readonly committed: number | null
  readonly lag: number | null
  readonly oldestUnread: number | null
  /** When, if not now. */
  readonly toldAt: number | undefined
}

/** What a queue's snapshot is put together from. */
export interface QueueParts {
  /** As the user calls it. */
  readonly topic: string
  readonly broker: string
  readonly queue: number
  readonly offsets: ToldOffsets
  readonly holders: readonly HeldQueue[]
  readonly limits: FlowLimits | null
  readonly headSince: number | null
  /** Several may hold it: the group is broadcasting, or pops. */
  readonly shared: boolean
  /** The owner, or one who may be it, has not answered. */
  readonly silent: boolean
  readonly asOf: number
}

/** The offsets of a queue whose broker has answered. */
export function toldOffsets(told: QueueProgress, asOf: number): ToldOffsets {
  return {
    min: told.min ?? null,
    max: told.max ?? null,
    committed: told.committed ?? null,
    lag: lagOf(told) ?? null,
    oldestUnread: told.unreadAgeMs === undefined ? null : asOf - told.unreadAgeMs,
    toldAt: undefined,
  }
}

/** A queue as its owner and its broker see it. Where several hold it, the first counts. */
export function queueSnapshot(parts: QueueParts): QueueSnapshot {
  const { topic, broker, queue, offsets, holders, limits, headSince, asOf } = parts
  const [held] = holders
  const { toldAt, ...told } = offsets
  const seen = {
    // Always in one order: another one is no change.
    owners: holders.map(({ clientId }) => clientId).sort(compareText),
    cached: held?.cached ?? null,
    cachedBytes: held?.cachedBytes ?? null,
    span: held?.span ?? null,
    inflight: held?.inflight ?? null,
    headOffset: held?.headOffset ?? null,
    headSince,
    locked: held?.locked ?? null,
    paused: held?.paused ?? null,
    lastPull: held?.lastPull ?? null,
    lastConsume: held?.lastConsume ?? null,
  }
  const facts = { ...told, ...seen, limits, asOf }
  // Before the first commit the owner alone knows where it stands; one that pops does not tell.
  const lag = told.lag ?? ownLag(told.max, held)
  const isPopped = held !== undefined && held.position === null
  const owners = parts.shared ? seen.owners.slice(0, 1) : seen.owners
  return {
    topic,
    broker,
    queue,
    ...told,
    lag,
    ...seen,
    pressure: queuePressure(facts),
    state:
      parts.silent || toldAt !== undefined
        ? 'UNKNOWN'
        : queueState({
            ...facts,
            owners,
            lag: lag ?? (isPopped ? 0 : null),
            cached: seen.cached ?? (isPopped ? 0 : null),
          }),
    latency: null,
    ...(toldAt === undefined ? {} : { toldAt }),
  }
}

function ownLag(max: number | null, held: HeldQueue | undefined): number | null {
  if (max === null || held === undefined || held.position === null) return null
  return Math.max(0, max - held.position)
}
