import type { CommandContext } from './command-context.ts'
import { stdoutWriter } from './stdout.ts'

/** Top left, and nothing below. */
const CLEAR_SCREEN = '\u001b[H\u001b[2J'

/**
 * Does the work once, or with a period again and again until the command is interrupted, each time on an empty screen.
 * Resolves to what the last time has come to.
 */
export async function watching(
  periodMs: number | undefined,
  work: () => Promise<number>,
  context: Pick<CommandContext, 'clock' | 'terminal' | 'signal'>,
): Promise<number> {
  if (periodMs === undefined) return work()
  for (;;) {
    if (context.terminal.stdout) await stdoutWriter().write(CLEAR_SCREEN)
    await work()
    await context.clock.sleep(periodMs, { signal: context.signal })
  }
}
