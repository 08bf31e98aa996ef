import type { MessageQueue } from '../../protocol/index.ts'
import type { QueueProgress } from './queue-progress.ts'

/**
 * What a new offset does: messages come again, are passed over, or nothing changes; EXPIRED: what is passed over is gone
 * already; SEED: the first offset of a queue.
 */
export type ResetEffect = 'REPLAY' | 'SKIP' | 'NOOP' | 'EXPIRED' | 'SEED'

/** Where a queue is to go on. */
export interface ResetTarget {
  readonly queue: MessageQueue
  readonly offset: number
  /** What was wanted, where that lies outside of the queue. */
  readonly clampedFrom?: number | undefined
}

/** One queue of a plan, before and after. */
export interface PlannedQueue {
  readonly queue: MessageQueue
  readonly min: number
  readonly max: number
  readonly committed: number | undefined
  readonly target: number
  readonly clampedFrom: number | undefined
  readonly effect: ResetEffect
  /** Messages that come again, or are passed over. */
  readonly messages: number
  /** Messages before the target that were removed before they were consumed. */
  readonly expired: number
  /** Messages the broker's own search begins too early; see `landTime`. */
  readonly early: number
}

/** What a plan comes to. */
export interface PlanTotals {
  readonly replay: number
  readonly skip: number
  readonly expired: number
}

/** What a target means for a queue. */
export function planQueue(
  progress: Pick<QueueProgress, 'queue' | 'min' | 'max' | 'committed'>,
  target: ResetTarget,
): PlannedQueue {
  const { queue, min = 0, max = 0, committed } = progress
  const base = { queue, min, max, committed, target: target.offset, clampedFrom: target.clampedFrom, early: 0 }
  return { ...base, ...effectOf({ min, max, committed }, target.offset) }
}

function effectOf(
  { min, max, committed }: { readonly min: number; readonly max: number; readonly committed: number | undefined },
  target: number,
): Pick<PlannedQueue, 'effect' | 'messages' | 'expired'> {
  if (committed === undefined) return { effect: 'SEED', messages: 0, expired: 0 }
  if (target === committed) return { effect: 'NOOP', messages: 0, expired: 0 }
  if (target < committed) {
    return { effect: 'REPLAY', messages: Math.max(0, Math.min(committed, max) - Math.max(target, min)), expired: 0 }
  }
  const expired = Math.max(0, Math.min(target, min) - committed)
  const messages = Math.max(0, Math.min(target, max) - Math.max(committed, min))
  return { effect: messages === 0 && expired > 0 ? 'EXPIRED' : 'SKIP', messages, expired }
}

/** Adds up a plan. */
export function planTotals(rows: readonly PlannedQueue[]): PlanTotals {
  const sum = (effect: ResetEffect): number =>
    rows.reduce((total, row) => total + (row.effect === effect ? row.messages : 0), 0)
  return {
    replay: sum('REPLAY'),
    skip: sum('SKIP'),
    expired: rows.reduce((total, { expired }) => total + expired, 0),
  }
}

/** A reader of a plan that was made before, or another cluster, has to know how far it has moved since. */
export function driftOf(
  planned: readonly Pick<PlannedQueue, 'queue' | 'committed'>[],
  now: readonly PlannedQueue[],
): number {
  const before = new Map(planned.map((row) => [`${row.queue.brokerName}:${row.queue.queueId}`, row.committed]))
  const drifts = now.map(({ queue, committed }) => {
    const was = before.get(`${queue.brokerName}:${queue.queueId}`)
    if (was === committed) return 0
    return was === undefined || committed === undefined ? Number.POSITIVE_INFINITY : Math.abs(committed - was)
  })
  return Math.max(0, ...drifts)
}
