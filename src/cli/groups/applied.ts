import type { AppliedToBroker } from '../../core/admin/index.ts'
import { RocketMQError } from '../../core/errors.ts'
import type { CommandContext } from '../command-context.ts'
import { ExitCode } from '../error-report.ts'

/**
 * Says what became of a change on each broker, in the words given. Returns the exit code: 6 when a broker did not do it.
 * Throws what went wrong when none did.
 */
export function sayApplied(
  applied: readonly AppliedToBroker[],
  words: { readonly done: string; readonly notDone: string },
  context: Pick<CommandContext, 'say'>,
): number {
  const failed = applied.filter(({ verified }) => !verified)
  const [first] = failed
  if (first !== undefined && failed.length === applied.length) {
    const { brokerName } = first.master
    throw first.error ?? new RocketMQError('RESPONSE', `${brokerName} took the request, but ${words.notDone}`)
  }
  for (const { master, verified, error } of applied) {
    const what = verified ? words.done : (error?.message ?? `took the request, but ${words.notDone}`)
    context.say(`${master.brokerName}: ${verified ? '' : 'failed: '}${what}`)
  }
  return failed.length > 0 ? ExitCode.PARTIAL : ExitCode.DONE
}
