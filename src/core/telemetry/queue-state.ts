import type { FlowLimits, Pressure, QueueSnapshot, QueueState } from './snapshot.ts'

/** What a queue's state is derived from: a snapshot's fields, and what they have to be measured by. */
export interface QueueFacts
  extends Pick<
    QueueSnapshot,
    'owners' | 'lag' | 'cached' | 'cachedBytes' | 'span' | 'inflight' | 'headSince' | 'locked' | 'paused' | 'lastPull'
  > {
  /** The limits its owner has for each queue; `null` where they are not known. */
  readonly limits: FlowLimits | null
  /** When the facts were taken. */
  readonly asOf: number
  /** Its owner's own word that it waits for room: it does so until 90 % of a limit are left. Only our engine tells. */
  readonly heldBack?: boolean | undefined
  /** All listener calls its owner may make are being made: whatever waits, waits for one of them. Only our engine tells. */
  readonly saturated?: boolean | undefined
}

/** A head that does not move, and a pull that does not come, are faults after so long. */
const STUCK_MS = 60_000
/** Messages wait for a listener when the oldest has waited so long, or when so much of a limit is used. */
const WAIT_MS = 1000
const WAIT_USED = 0.5

/** How near a queue is to the limit that will bite first; `null` when its backlog or its limits are not known. */
export function queuePressure(facts: Pick<QueueFacts, 'cached' | 'cachedBytes' | 'span' | 'limits'>): Pressure | null {
  const { cached, cachedBytes, span, limits } = facts
  if (limits === null) return null
  const candidates = [
    pressure('count', cached, limits.count),
    pressure('bytes', cachedBytes, limits.bytes),
    pressure('span', span, limits.span),
  ]
  return candidates.reduce((worst, one) => (one !== null && (worst === null || one.used > worst.used) ? one : worst))
}

/**
 * The one word for a queue, the worst that is true of it: who holds it, whether it may consume, whether it moves, and
 * only then how busy it is. Pure, and the same for whatever source the facts come from.
 */
export function queueState(facts: QueueFacts): QueueState {
  if (facts.owners.length === 0) return 'NOOWNER'
  if (facts.owners.length > 1) return 'TWOOWNERS'
  if (facts.cached === null || facts.lag === null) return 'UNKNOWN'
  if (facts.locked === false) return 'NOLOCK'
  if (facts.cached > 0 && isPast(facts.headSince, STUCK_MS, facts.asOf)) return 'BLOCK'
  if (facts.paused === true) return 'PAUSED'
  const used = queuePressure(facts)?.used ?? 0
  if (facts.heldBack ?? used > 1) return 'FLOW'
  if (facts.lag > facts.cached && isPast(facts.lastPull, STUCK_MS, facts.asOf)) return 'STALL'
  return isWaiting(facts, used) ? 'BUSY' : 'OK'
}

function isWaiting({ cached, inflight, headSince, saturated, asOf }: QueueFacts, used: number): boolean {
  const waiting = (cached ?? 0) - (inflight ?? 0)
  return waiting > 0 && (saturated === true || used >= WAIT_USED || isPast(headSince, WAIT_MS, asOf))
}

function isPast(since: number | null, millis: number, now: number): boolean {
  return since !== null && now - since >= millis
}

function pressure(limit: Pressure['limit'], value: number | null, of: number | null): Pressure | null {
  return value === null || of === null || of <= 0 ? null : { limit, used: value / of }
}
