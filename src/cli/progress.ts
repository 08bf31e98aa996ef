import type { Timer } from '../core/support/index.ts'
import type { CommandContext } from './command-context.ts'

/** Work that is done sooner shows nothing. */
const FIRST_MS = 300
const PERIOD_MS = 500

/** Shows how far the work is until stopped: on a terminal only, and only if it takes long. Returns how to stop. */
export function showProgress(
  context: Pick<CommandContext, 'clock' | 'terminal' | 'status'>,
  text: () => string,
): () => void {
  if (!context.terminal.stderr) return () => undefined
  let timer: Timer
  const show = (): void => {
    context.status(text())
    timer = context.clock.after(PERIOD_MS, show)
  }
  timer = context.clock.after(FIRST_MS, show)
  return () => {
    timer.cancel()
    context.status('')
  }
}
