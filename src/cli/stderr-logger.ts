import type { Clock, Logger } from '../core/support/index.ts'

/** A repeated warning is told again after this time at the earliest. */
const REPEAT_MS = 30_000

/**
 * Warnings as lines on stderr; with `debug` everything. A warning that repeats itself is told once in 30 s, so that a
 * broker that is down does not fill the screen.
 */
export function stderrLogger(options: {
  readonly say: (line: string) => void
  readonly clock: Clock
  readonly debug: boolean
}): Logger {
  const { say, clock, debug } = options
  const told = new Map<string, number>()
  const line = (level: string, message: string, details?: Readonly<Record<string, unknown>>): void => {
    const more = details === undefined ? '' : ` ${JSON.stringify(details, errorAsText)}`
    say(`${level}: ${message}${more}`)
  }
  const ifDebug =
    (level: string): Logger['debug'] =>
    (message, details) => {
      if (debug) line(level, message, details)
    }
  return {
    debug: ifDebug('debug'),
    info: ifDebug('info'),
    warn: (message, details) => {
      const now = clock.monotonic()
      if (now - (told.get(message) ?? Number.NEGATIVE_INFINITY) < REPEAT_MS && !debug) return
      if (told.size > 1000) told.clear()
      told.set(message, now)
      line('warning', message, details)
    },
  }
}

function errorAsText(_key: string, value: unknown): unknown {
  return value instanceof Error ? value.message : value
}
