import type { CommandContext } from '../command-context.ts'
import { holdBack } from './hold-back.ts'
import { processTerminal, type TerminalPort } from './terminal-port.ts'

/** The terminal of this process, and how to draw on it. */
export interface ScreenPort {
  readonly terminal: TerminalPort
  /** Ends it, leaving the terminal as it was. */
  readonly signal: AbortSignal
  readonly color: boolean
  readonly ascii: boolean
}

/** Lets somebody draw on the terminal of this process; what is said on stderr meanwhile comes after. */
export async function onScreen<T>(
  context: CommandContext,
  ascii: boolean,
  draw: (screen: ScreenPort) => Promise<T>,
): Promise<T> {
  // Both before ink is loaded: React's development build keeps measurements for ever, and ink looks for its tools.
  process.env['NODE_ENV'] = 'production'
  delete process.env['DEV']
  const release = holdBack(process.stderr)
  // Also when an error nobody caught ends the process: what was said before may say why.
  process.once('exit', release)
  try {
    return await draw({
      terminal: processTerminal(),
      signal: context.signal,
      color: context.terminal.color,
      ascii: ascii || !speaksUnicode(context.env),
    })
  } finally {
    process.removeListener('exit', release)
    release()
  }
}

/** What the locale and the terminal can show; the console of Linux has no blocks in its font. */
function speaksUnicode(env: CommandContext['env']): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || ''
  return env['TERM'] !== 'linux' && /utf-?8/i.test(locale)
}
