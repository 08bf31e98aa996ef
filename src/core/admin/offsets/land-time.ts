import { RefusedError } from '../../errors.ts'
import { type MessageQueue, queueName } from '../../protocol/index.ts'

/** Where one queue should go on, and how a broker sees it. */
export interface Landing {
  readonly queue: MessageQueue
  /** The first message stored at or after the time. */
  readonly exact: number
  /** When that was stored; `undefined` at the end of a queue. */
  readonly storedAt: number | undefined
  /** What the broker itself answers for a time. */
  readonly search: (timestamp: number) => Promise<number>
}

/** A time to tell a broker. */
export interface LandingTime {
  readonly timestamp: number
  /** Where the broker will put each queue, in order: never after the exact message. */
  readonly offsets: readonly number[]
}

/** Steps back from the time wanted, in ms, until no queue would miss a message. */
const BACK_MS = [1, 10, 100, 1000, 10_000, 60_000]
const MAX_CANDIDATES = 64

/**
 * Finds the time to tell a broker whose own search is not exact, as those of 4.9 are: they take the message nearest on
 * either side, and any of those stored in the same millisecond. No queue may begin too late; those that begin early are
 * to be told. Rejects with RefusedError when there is no such time.
 */
export async function landTime(wanted: number, landings: readonly Landing[]): Promise<LandingTime> {
  const stored = landings.flatMap(({ storedAt }) => (storedAt === undefined ? [] : [storedAt]))
  const near = [wanted, ...stored, ...stored.map((time) => time - 1), ...BACK_MS.map((back) => wanted - back)]
  let best: (LandingTime & { readonly early: number }) | undefined
  for (const timestamp of [...new Set(near)].slice(0, MAX_CANDIDATES)) {
    const offsets = await Promise.all(landings.map(({ search }) => search(timestamp)))
    const early = earliness(landings, offsets)
    if (early === undefined) continue
    if (best === undefined || early < best.early) best = { timestamp, offsets, early }
    if (early === 0) break
  }
  if (best !== undefined) return best
  const [first] = landings
  const where = first === undefined ? 'the queues' : queueName(first.queue)
  throw new RefusedError(
    `nothing was changed: the broker's own search finds no time from which ${where} misses nothing`,
    {
      suggestions: ['stop the members of the group, reset, and start them again'],
    },
  )
}

/** Messages that come again though they are from before; `undefined` when a queue would begin too late. */
function earliness(landings: readonly Landing[], offsets: readonly number[]): number | undefined {
  let early = 0
  for (const [index, { exact }] of landings.entries()) {
    const offset = offsets[index] ?? Number.POSITIVE_INFINITY
    if (offset > exact) return undefined
    early += exact - offset
  }
  return early
}
