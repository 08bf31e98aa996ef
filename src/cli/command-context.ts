import { RocketMQError } from '../core/errors.ts'
import type { Clock, Logger } from '../core/support/index.ts'
import { formatDuration } from './duration.ts'
import type { Terminal } from './terminal.ts'

/** What every command works with, made from its flags. */
export interface CommandContext {
  readonly clock: Clock
  /** Talks on stderr. */
  readonly logger: Logger
  readonly terminal: Terminal
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted by SIGINT, SIGTERM, SIGHUP and when the time of `--timeout` is over. */
  readonly signal: AbortSignal
  readonly deadline: Deadline
  /** Shows requests, causes and stack traces. */
  readonly debug: boolean
  /** Writes a line to stderr: talk, never a result. */
  say(line: string): void
  /** Shows a line on stderr until the next one; an empty one removes it. Only on a terminal. */
  status(line: string): void
}

/** The one time limit of a command (`--timeout`). */
export interface Deadline {
  /** What was asked for, in ms; `undefined`: no limit. */
  readonly timeoutMs: number | undefined
  /** What is left of it, in ms, never below 1; `undefined`: no limit. */
  remainingMs(): number | undefined
  /** Aborted when it is over. */
  readonly signal: AbortSignal
  /** Stops the clock. */
  clear(): void
}

/** Requests end this long before the command does, so that the one that hangs is named. */
const GRACE_MS = 50

/** Starts the clock of a command. */
export function startDeadline(clock: Clock, timeoutMs: number | undefined): Deadline {
  const controller = new AbortController()
  const signal = controller.signal
  if (timeoutMs === undefined) {
    return { timeoutMs, remainingMs: () => undefined, signal, clear: () => undefined }
  }
  const end = clock.monotonic() + timeoutMs
  const timer = clock.after(timeoutMs, () => {
    const what = `the command was not done within ${formatDuration(timeoutMs)} (--timeout)`
    controller.abort(new RocketMQError('TIMEOUT', what, { suggestions: ['give it more time with --timeout'] }))
  })
  return {
    timeoutMs,
    remainingMs: () => Math.max(1, Math.ceil(end - clock.monotonic()) - GRACE_MS),
    signal,
    clear: () => {
      timer.cancel()
    },
  }
}
