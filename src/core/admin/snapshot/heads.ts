import type { HeldQueue } from './held-queue.ts'

interface Head {
  readonly offset: number
  readonly clientId: string
  readonly since: number | null
}

/** Since when the lowest unfinished message of each queue is that, as far as looks can tell. */
export class Heads {
  readonly #heads = new Map<string, Head>()
  /** Queues seen in an earlier look: a head that is new there was none before. */
  readonly #seen = new Set<string>()

  /**
   * Since when the head of a queue waits or runs. At first sight neither longer than its message is stored, nor than its
   * owner has done nothing with the queue; after that, since it was first seen.
   */
  since(
    key: string,
    look: { readonly owner: HeldQueue | undefined; readonly oldestUnread: number | null; readonly now: number },
  ): number | null {
    const { owner, oldestUnread, now } = look
    const seen = this.#seen.has(key)
    this.#seen.add(key)
    const offset = owner?.headOffset ?? null
    if (owner === undefined || offset === null) {
      this.#heads.delete(key)
      return null
    }
    const known = this.#heads.get(key)
    if (known?.offset === offset && known.clientId === owner.clientId) return known.since
    const idle = owner.lastConsume === null || oldestUnread === null ? null : Math.max(owner.lastConsume, oldestUnread)
    const since = seen ? now : idle
    this.#heads.set(key, { offset, clientId: owner.clientId, since })
    return since
  }

  /** Forgets all other queues. */
  keep(keys: ReadonlySet<string>): void {
    for (const key of this.#seen) {
      if (keys.has(key)) continue
      this.#seen.delete(key)
      this.#heads.delete(key)
    }
  }
}
