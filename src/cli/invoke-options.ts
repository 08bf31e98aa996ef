import type { InvokeOptions } from '../core/remoting/index.ts'
import type { CommandContext } from './command-context.ts'

/** Time for one request of an administrative command, in ms, when the command as a whole has no limit. */
const REQUEST_TIMEOUT_MS = 5000

/**
 * How long a request of an administrative command waits: what is left of `--timeout`, else 5 s. Ends with the command's
 * signal.
 */
export function invokeOptions(context: Pick<CommandContext, 'deadline' | 'signal'>): InvokeOptions {
  return { timeoutMs: context.deadline.remainingMs() ?? REQUEST_TIMEOUT_MS, signal: context.signal }
}
