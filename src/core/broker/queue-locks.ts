import { type MessageQueue, queueKey } from '../protocol/index.ts'
import type { Clock } from '../support/index.ts'

interface Lock {
  readonly clientId: string
  readonly renewedAt: number
}

/** Java's `rocketmq.broker.rebalance.lockMaxLiveTime`. */
const LOCK_LIFE_MS = 60_000

/** Who may consume which queue in order (`RebalanceLockManager.java`). In memory: after a restart everybody locks anew. */
export class QueueLocks {
  readonly #clock: Clock
  readonly #lifeMs: number
  readonly #groups = new Map<string, Map<string, Lock>>()

  constructor(clock: Clock, lifeMs: number = LOCK_LIFE_MS) {
    this.#clock = clock
    this.#lifeMs = lifeMs
  }

  /** The queues that are this client's now: free ones, expired ones, and those it had. */
  lock(group: string, clientId: string, queues: readonly MessageQueue[]): readonly MessageQueue[] {
    if (clientId === '') return []
    let locks = this.#groups.get(group)
    if (locks === undefined) this.#groups.set(group, (locks = new Map<string, Lock>()))
    const now = this.#clock.monotonic()
    const granted = queues.filter((queue) => {
      const held = locks.get(queueKey(queue))
      return held === undefined || held.clientId === clientId || !this.#live(held)
    })
    for (const queue of granted) locks.set(queueKey(queue), { clientId, renewedAt: now })
    return granted
  }

  /** Frees those of the queues that are this client's. */
  unlock(group: string, clientId: string, queues: readonly MessageQueue[]): void {
    const locks = this.#groups.get(group)
    for (const queue of queues) {
      const key = queueKey(queue)
      if (locks?.get(key)?.clientId === clientId) locks.delete(key)
    }
    if (locks?.size === 0) this.#groups.delete(group)
  }

  /** Whether any member of a group holds a lock that has not expired: the group consumes in order. */
  anyLocked(group: string): boolean {
    return [...(this.#groups.get(group)?.values() ?? [])].some((lock) => this.#live(lock))
  }

  #live(lock: Lock): boolean {
    return this.#clock.monotonic() - lock.renewedAt <= this.#lifeMs
  }
}
