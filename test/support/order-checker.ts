/** One message as a member was given it. */
export interface Delivery {
  readonly member: string
  readonly queue: string
  readonly offset: number
  /** The sharding key, and the number of the message among those of the key, from 0. */
  readonly key: string
  readonly number: number
  /** When its call began, by a clock that all members share. */
  readonly at: number
}

/** What a group's deliveries show. The lists name at most a few. */
export interface OrderVerdict {
  readonly deliveries: number
  readonly distinct: number
  readonly repeats: number
  /** A message came before one that precedes it in its key or queue had come. */
  readonly skips: readonly string[]
  /** A member consumed again what another had consumed that nothing had happened to: a step with a lost lock. */
  readonly stale: readonly string[]
  /** Keys whose messages did not all come. */
  readonly missing: readonly string[]
}

const NAMED = 20

/**
 * Checks what an orderly group has consumed: per key and per queue, in the order of time, the first deliveries are all
 * that was produced, in order, and what comes again had last come to a member that may have lost it: one that was
 * killed or stopped, or that does not keep to this.
 */
export function checkOrder(
  deliveries: readonly Delivery[],
  options: { readonly produced: ReadonlyMap<string, number>; readonly mayLose?: ReadonlySet<string> },
): OrderVerdict {
  const { produced, mayLose = new Set<string>() } = options
  const skips: string[] = []
  const stale: string[] = []
  const nextOfKey = new Map<string, number>()
  const nextOfQueue = new Map<string, number>()
  const lastMember = new Map<string, string>()
  let repeats = 0
  for (const delivery of [...deliveries].sort((a, b) => a.at - b.at)) {
    const { member, queue, offset, key, number } = delivery
    const what = `${queue}@${offset} (${key} #${number}) at ${delivery.at} by ${member}`
    const place = `${queue}@${offset}`
    const before = lastMember.get(place)
    if (before !== undefined) {
      repeats += 1
      if (!mayLose.has(before)) stale.push(`${what}, after ${before}`)
    }
    lastMember.set(place, member)
    const expected = nextOfKey.get(key) ?? 0
    if (number > expected) skips.push(`${what}: #${expected} of the key has not come`)
    nextOfKey.set(key, Math.max(expected, number + 1))
    const expectedOffset = nextOfQueue.get(queue) ?? 0
    if (offset > expectedOffset) skips.push(`${what}: offset ${expectedOffset} has not come`)
    nextOfQueue.set(queue, Math.max(expectedOffset, offset + 1))
  }
  const missing = [...produced].flatMap(([key, count]) => {
    const came = nextOfKey.get(key) ?? 0
    return came < count ? [`${key}: ${came} of ${count}`] : []
  })
  const few = (all: string[]): string[] =>
    all.length <= NAMED ? all : [...all.slice(0, NAMED), `and ${all.length - NAMED} more`]
  return {
    deliveries: deliveries.length,
    distinct: lastMember.size,
    repeats,
    skips: few(skips),
    stale: few(stale),
    missing: few(missing),
  }
}

/** The body of a message of a key, which {@link readBody} reads. */
export function orderedBody(key: string, number: number): string {
  return `${key}#${number}`
}

/** Key and number of a body. */
export function readBody(body: string): { readonly key: string; readonly number: number } {
  const at = body.lastIndexOf('#')
  return { key: body.slice(0, at), number: Number(body.slice(at + 1)) }
}
