import type { MessageQueue } from '../../protocol/index.ts'

/** How a group stands in a queue, beyond its numbers. */
export type QueueState =
  | { readonly kind: 'ok' }
  /** Nothing was ever committed. */
  | { readonly kind: 'no-commit' }
  /** So many messages were removed before the group came to them. */
  | { readonly kind: 'expired'; readonly lost: number }
  /** Committed so far beyond the end: as many new messages will not be consumed. */
  | { readonly kind: 'ahead'; readonly by: number }
  /** The broker has been set to an offset the owner has not taken up. */
  | { readonly kind: 'reset-pending' }
  | { readonly kind: 'unknown'; readonly why: string }

/** A member that holds a queue. */
export interface QueueOwner {
  readonly clientId: string
  /** What it would commit now; `undefined` for one that pops. */
  readonly position: number | undefined
  /** Messages it has pulled and not finished. */
  readonly cached: number
  /** When it last took or finished a message, or the queue, in ms of its own clock; 0: unknown. */
  readonly consumedAt: number
}

/** What is known of a group in one queue; `undefined` is what nobody told. */
export interface QueueProgress {
  readonly queue: MessageQueue
  readonly min: number | undefined
  readonly max: number | undefined
  readonly committed: number | undefined
  /** Delivered and not committed, as far as the broker or else the owner tells. */
  readonly inflight: number | undefined
  readonly owners: readonly QueueOwner[]
  /** How long the oldest message that is not committed has been stored, by the broker's clock. */
  readonly unreadAgeMs: number | undefined
  /** When its broker may remove the oldest message that is not committed. */
  readonly expiresInMs?: number | undefined
  /** How long the group's backlog of the topic on this broker lasts at the rates of the last minute; infinite: it grows. */
  readonly drainsInMs?: number | undefined
  readonly state: QueueState
}

/** What the broker told of a queue, before it is judged. */
export type QueueFacts = Omit<QueueProgress, 'state'>

/** Judges a queue. `why` is what kept its broker from answering, if anything did. */
export function queueState(facts: QueueFacts, why: string | undefined): QueueState {
  const { min, max, committed, owners } = facts
  if (why !== undefined) return { kind: 'unknown', why }
  if (committed === undefined) return { kind: 'no-commit' }
  if (max !== undefined && committed > max) return { kind: 'ahead', by: committed - max }
  if (isPending(committed, owners)) return { kind: 'reset-pending' }
  if (min !== undefined && committed < min) return { kind: 'expired', lost: min - committed }
  return { kind: 'ok' }
}

/** An owner never is behind what it has committed, unless somebody else has set that. */
function isPending(committed: number, owners: readonly QueueOwner[]): boolean {
  const [owner, ...others] = owners
  return owner?.position !== undefined && others.length === 0 && owner.position < committed
}

/** Messages that wait and can still be consumed; `undefined` where that is not known. */
export function lagOf({ min, max, committed }: Pick<QueueProgress, 'min' | 'max' | 'committed'>): number | undefined {
  if (max === undefined || committed === undefined) return undefined
  return Math.max(0, max - Math.max(committed, min ?? 0))
}

/** The state in words: `ok`, `expired(900 lost)`, `unknown(broker-b did not answer)`. */
export function stateText(state: QueueState): string {
  switch (state.kind) {
    case 'expired':
      return `expired(${state.lost} lost)`
    case 'ahead':
      return `ahead(${state.by})`
    case 'unknown':
      return `unknown(${state.why})`
    case 'ok':
    case 'no-commit':
    case 'reset-pending':
      return state.kind
  }
}
