import { type MessageQueue, queueName } from '../../protocol/index.ts'
import type { Naming } from '../rebalance/finding.ts'

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
] as const

/** A span of time in one unit: `340 ms`, `72 s`, `5 min`, `3 h`, `4 d`. */
export function span(millis: number): string {
  if (millis < 1000) return `${Math.round(millis)} ms`
  const unit = UNITS.find(([size]) => millis >= 2 * size)
  if (unit === undefined) return `${Math.round(millis / 1000)} s`
  return `${Math.round(millis / unit[0])} ${unit[1]}`
}

/** A queue with its topic: `orders broker-a:0`. */
export function queueText(queue: MessageQueue, { userName }: Naming): string {
  return `${userName(queue.topic)} ${queueName(queue)}`
}

/** Things by what they have in common, in the order they came. */
export function grouped<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    groups.set(key, [...(groups.get(key) ?? []), item])
  }
  return groups
}

/** How many are told one by one. */
const SHOWN = 8

/** Some of many, and how many more there are. */
export function listed(items: readonly string[]): string {
  if (items.length <= SHOWN) return items.join(', ')
  return `${items.slice(0, SHOWN).join(', ')} and ${items.length - SHOWN} more`
}

/** A number a person can read: `0.25`, `2.5`, `310`. */
export function rate(perSecond: number): string {
  return `${perSecond < 10 ? Number(perSecond.toFixed(2)) : Math.round(perSecond)}/s`
}
