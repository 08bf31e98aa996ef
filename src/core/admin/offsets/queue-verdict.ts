import type { Mechanism } from './mechanism.ts'
import type { QueueOwner } from './queue-progress.ts'
import type { PlannedQueue } from './reset-plan.ts'

/** A queue as it was before it was to move, and how. */
export interface MovingQueue {
  readonly row: PlannedQueue
  readonly mechanism: Mechanism
  /** Its owner as it was; `undefined`: it had none, several, or it is not known. */
  readonly ownerBefore: QueueOwner | undefined
  /** Whether members of the group consume the topic. */
  readonly live: boolean
}

/** What was seen of it at some time. */
export interface Sighting {
  /** `undefined`: its broker did not answer. */
  readonly committed: number | undefined
  readonly owners: readonly QueueOwner[]
  /** Members that did not tell what they own. */
  readonly silent: readonly string[]
  /** A member is about to take it up or let go of it, or who is online is not known. */
  readonly unsettled: boolean
}

/** Longer than the 5 s after which members store their offsets. */
export const PERSIST_MS = 6000

/** Longer than the 20 s after which members look for queues that nobody owns. */
export const UNOWNED_MS = 25_000

/**
 * Decides from what is seen of a queue, look after look, whether it has really moved: its owner goes on at the target, and
 * one persist interval later what is committed has not gone back to what it was. The broker's own word is not enough: it
 * changes at once, and members may go on as before, or store what they had (`PullMessageProcessor` takes the commit of the
 * very pull that tells a reset). Nor is it enough that the broker takes commits again: a pull that a former owner left
 * behind, held for up to 20 s, takes a reset up as well, and nobody moves.
 */
export class QueueVerdict {
  readonly #moving: MovingQueue
  #provedAt: number | undefined
  #unownedSince: number | undefined
  #last: Sighting | undefined
  #done = false

  constructor(moving: MovingQueue) {
    this.#moving = moving
  }

  get moved(): boolean {
    return this.#done
  }

  get committed(): number | undefined {
    return this.#last?.committed
  }

  /** Takes what was seen at a time, in ms of a clock that only goes forward. */
  see(sighting: Sighting, now: number): void {
    this.#last = sighting
    if (this.#done) return
    if (!this.#moving.live) this.#done = sighting.committed === this.#moving.row.target
    else if (sighting.owners.length === 0) this.#seeUnowned(sighting, now)
    else this.#seeOwned(sighting, now)
  }

  /** Why it has not moved, as far as can be told; empty when it has. */
  why(): string {
    const { row, mechanism } = this.#moving
    const last = this.#last
    if (this.#done) return ''
    if (last?.committed === undefined) return 'its broker did not answer'
    const owner = last.owners.find(({ position }) => position !== undefined)
    if (owner === undefined && last.silent.length > 0) return `these do not answer: ${last.silent.join(', ')}`
    if (owner === undefined) return `nobody owns it; committed is ${last.committed}`
    const held = owner.cached > 0 ? `, with ${owner.cached} messages not finished` : ''
    const lost = this.#provedAt === undefined && mechanism === 'server-side' && last.committed !== row.target
    const taken = lost ? '; a pull of a former owner may have taken it up: reset it once more' : ''
    return `${owner.clientId} stands at ${owner.position}${held}; committed is ${last.committed}${taken}`
  }

  /** One that nobody owns for long is the broker's alone; for a short time it may be on its way between members. */
  #seeUnowned({ committed, silent, unsettled }: Sighting, now: number): void {
    if (unsettled || silent.length > 0) {
      this.#unownedSince = undefined
      return
    }
    this.#unownedSince ??= now
    const alone = now - this.#unownedSince >= UNOWNED_MS && this.#moving.mechanism !== 'client-push'
    if (alone) this.#done = committed === this.#moving.row.target
  }

  #seeOwned(sighting: Sighting, now: number): void {
    this.#unownedSince = undefined
    if (sighting.unsettled) return
    if (this.#provedAt === undefined && this.#isProof(sighting)) this.#provedAt = now
    if (this.#provedAt !== undefined && now - this.#provedAt >= PERSIST_MS) this.#done = this.#holds(sighting)
  }

  #isProof({ committed, owners }: Sighting): boolean {
    const { row, mechanism, ownerBefore } = this.#moving
    const { target } = row
    const before = Math.max(row.committed ?? 0, ownerBefore?.position ?? 0)
    const positions = owners.flatMap(({ position }) => position ?? [])
    const back = target < before
    if (!back) return positions.length > 0 && positions.every((position) => position >= target)
    if (positions.length > 0 && positions.every((position) => position >= target && position < before)) return true
    if (committed === undefined || committed < target) return false
    // Members never go back by themselves, but the broker alone is at the target at once.
    const goneBack = committed < (row.committed ?? 0) && (mechanism === 'client-push' || committed > target)
    return goneBack || this.#consumedAgain(owners)
  }

  /** All was consumed, nothing has arrived, and the same member has taken something up since: a quick one is back already. */
  #consumedAgain(owners: readonly QueueOwner[]): boolean {
    const { row, ownerBefore } = this.#moving
    const [owner, ...others] = owners
    if (owner === undefined || ownerBefore === undefined || others.length > 0) return false
    const idle = ownerBefore.position === row.max && owner.position === row.max && owner.cached === 0
    return idle && owner.clientId === ownerBefore.clientId && owner.consumedAt > ownerBefore.consumedAt
  }

  #holds({ committed, owners }: Sighting): boolean {
    const { target } = this.#moving.row
    if (committed === undefined || committed < target) return false
    const positions = owners.flatMap(({ position }) => position ?? [])
    return positions.every((position) => position >= target && committed <= position)
  }
}
