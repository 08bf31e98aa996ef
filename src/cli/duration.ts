import { UsageError } from '../core/errors.ts'

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 604_800_000],
])

/** Longer than any timer may run. */
const MAX_MS = 2_147_483_647

/**
 * Reads `100ms`, `10s`, `1.5h`, `1d3h` as milliseconds, at most 24 days unless `maxMs` allows more. A bare number has
 * no unit and is refused, but for 0. Throws {@link UsageError} saying what was read.
 */
export function parseDuration(text: string, maxMs: number = MAX_MS): number {
  const given = text.trim()
  if (given === '0') return 0
  if (!/^(?:\d{1,12}(?:\.\d{1,6})?[a-z]{1,2})+$/i.test(given)) throw notADuration(text)
  let total = 0
  for (const [, amount, unit] of given.matchAll(/([\d.]+)([a-z]+)/gi)) {
    const factor = UNIT_MS.get((unit ?? '').toLowerCase())
    if (factor === undefined) throw notADuration(text, `unknown unit '${unit ?? ''}'`)
    total += Number(amount) * factor
  }
  const rounded = Math.round(total)
  if (rounded > maxMs) throw notADuration(text, `at most ${Math.floor(maxMs / 86_400_000)}d is possible`)
  return rounded
}

function notADuration(text: string, why = 'write a number with a unit (ms, s, m, h, d)'): UsageError {
  return new UsageError(`'${text}' is not a duration: ${why}`, { suggestions: ['for example 500ms, 10s or 1d3h'] })
}

/** A span of time for people: `340 ms`, `2.5 s`, `3 min 20 s`, `1 h 5 min`, `3 d 4 h`. */
export function formatDuration(millis: number): string {
  if (millis < 1000) return `${Math.round(millis)} ms`
  if (millis < 60_000) return `${Number((millis / 1000).toFixed(1))} s`
  const seconds = Math.round(millis / 1000)
  const steps = [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
    ['s', 1],
  ] as const
  const largest = steps.findIndex(([, size]) => seconds >= size)
  let left = seconds
  const parts = steps.slice(largest, largest + 2).map(([unit, size]) => {
    const amount = Math.floor(left / size)
    left -= amount * size
    return amount === 0 ? '' : `${amount} ${unit}`
  })
  return parts.filter((part) => part !== '').join(' ')
}
