import type { HeldQueue } from './held-queue.ts'
import type { Holders } from './who-holds.ts'

/** What moved between two looks, in messages a second. */
export interface Advance {
  readonly pulled: number
  /** Finished, whatever became of it. */
  readonly finished: number
}

interface Look {
  readonly at: number
  readonly queues: Holders
}

/** Over so long rates are taken. */
const WINDOW_MS = 10_000

/** How fast members get on, from where they stood in the looks of the last seconds. Offsets that were not messages count, too. */
export class Advances {
  readonly #looks: Look[] = []

  /** Notes where all members stand, by queue key, at a time that never goes back. */
  note(at: number, queues: Look['queues']): void {
    this.#looks.push({ at, queues })
    const second = this.#looks[1]
    if (this.#looks.length > 2 && second !== undefined && at - second.at >= WINDOW_MS) this.#looks.shift()
  }

  /** Of each member; `undefined` where there are no two looks yet. A queue counts since the same member holds it. */
  rates(): ReadonlyMap<string, Advance> | undefined {
    const last = this.#looks.at(-1)
    if (last === undefined || this.#looks.length < 2) return undefined
    const rates = new Map<string, Advance>()
    for (const [key, { held: holders }] of last.queues) {
      for (const held of holders) {
        const known = rates.get(held.clientId) ?? { pulled: 0, finished: 0 }
        const more = this.#advance(key, held, last.at)
        rates.set(held.clientId, {
          pulled: known.pulled + more.pulled,
          finished: known.finished + more.finished,
        })
      }
    }
    return rates
  }

  #advance(key: string, held: HeldQueue, now: number): Advance {
    for (const { at, queues } of this.#looks) {
      const before = queues.get(key)?.held.find(({ clientId }) => clientId === held.clientId)
      if (before === undefined) continue
      const seconds = (now - at) / 1000
      if (seconds <= 0) break
      return {
        pulled: growth(before.pulledTo, held.pulledTo) / seconds,
        finished: growth(before.position, held.position) / seconds,
      }
    }
    return { pulled: 0, finished: 0 }
  }
}

/** A position that goes back was reset: that is no consuming. */
function growth(before: number | null, now: number | null): number {
  return before === null || now === null ? 0 : Math.max(0, now - before)
}
