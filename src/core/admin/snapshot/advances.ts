import type { HeldQueue } from './held-queue.ts'

/** What moved between two looks, in messages a second. */
export interface Advance {
  readonly pulled: number
  /** Finished, whatever became of it. */
  readonly finished: number
}

interface Look {
  readonly at: number
  readonly queues: ReadonlyMap<string, readonly HeldQueue[]>
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

  /** Of each member; `undefined` where there are no two looks yet. A queue counts while the same member holds it. */
  rates(): ReadonlyMap<string, Advance> | undefined {
    const [first] = this.#looks
    const last = this.#looks.at(-1)
    if (first === undefined || last === undefined || last.at <= first.at) return undefined
    const seconds = (last.at - first.at) / 1000
    const rates = new Map<string, Advance>()
    for (const [key, holders] of last.queues) {
      for (const held of holders) {
        const before = first.queues.get(key)?.find(({ clientId }) => clientId === held.clientId)
        const known = rates.get(held.clientId) ?? { pulled: 0, finished: 0 }
        rates.set(held.clientId, {
          pulled: known.pulled + growth(before?.pulledTo, held.pulledTo) / seconds,
          finished: known.finished + growth(before?.position, held.position) / seconds,
        })
      }
    }
    return rates
  }
}

/** A position that goes back was reset: that is no consuming. */
function growth(before: number | null | undefined, now: number | null): number {
  return before === null || before === undefined || now === null ? 0 : Math.max(0, now - before)
}
