import { UsageError } from '../../core/errors.ts'
import { formatDuration, parseDuration } from '../duration.ts'

/** Java's `messageDelayLevel`, level 1 first: what a broker has unless its operator changed it. */
const LEVELS = '1s 5s 10s 30s 1m 2m 3m 4m 5m 6m 7m 8m 9m 10m 20m 30m 1h 2h'.split(' ')

/** The highest level of that table. */
export const MAX_DELAY_LEVEL = LEVELS.length

/** The level that delays by exactly this time (ms). Throws UsageError naming the nearest ones when there is none. */
export function delayLevelOf(delayMs: number): number {
  const delays = LEVELS.map((text) => parseDuration(text))
  const level = delays.indexOf(delayMs) + 1
  if (level > 0) return level
  const above = delays.findIndex((delay) => delay > delayMs)
  const at = above === -1 ? LEVELS.length : above
  const nearest = [at - 1, at].flatMap((index) => LEVELS[index] ?? [])
  throw new UsageError(
    `${formatDuration(delayMs)} is none of the delays a broker has (${LEVELS[0] ?? ''} to ${LEVELS.at(-1) ?? ''})`,
    { suggestions: [`take ${nearest.join(' or ')}; all of them: ${LEVELS.join(' ')}`] },
  )
}
