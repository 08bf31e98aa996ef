import { createInterface } from 'node:readline/promises'
import { RefusedError } from '../core/errors.ts'
import type { CommandContext } from './command-context.ts'

/** The flags of every command that changes a cluster. */
export interface WriteFlagValues {
  readonly yes: boolean
  readonly 'dry-run': boolean
}

/**
 * Lets a shown plan be carried out, or not: resolves to `false` after a dry run. Asks on a terminal, where the answer
 * is no unless it is yes. Rejects with RefusedError when the answer is no, and when nobody can be asked and `--yes` is
 * not given.
 */
export async function confirm(question: string, flags: WriteFlagValues, context: CommandContext): Promise<boolean> {
  if (flags['dry-run']) {
    context.say('dry run: nothing was changed')
    return false
  }
  if (flags.yes) return true
  if (!context.terminal.stdin || !context.terminal.stderr) {
    throw new RefusedError('nothing was changed: this needs a confirmation, and there is no terminal to ask on', {
      suggestions: ['add --yes to carry the plan out, or --dry-run to only see it'],
    })
  }
  if (!(await ask(question, context.signal))) throw new RefusedError('nothing was changed: the answer was not yes')
  return true
}

async function ask(question: string, signal: AbortSignal): Promise<boolean> {
  // Not as a terminal: readline would take Ctrl-C for itself.
  const reader = createInterface({ input: process.stdin, output: process.stderr, terminal: false })
  try {
    // At the end of input there is no answer, and readline would wait for ever.
    const ended = new Promise<undefined>((resolve) => {
      reader.once('close', () => {
        resolve(undefined)
      })
    })
    const answer = await Promise.race([reader.question(`${question} [y/N] `, { signal }), ended])
    if (answer === undefined) process.stderr.write('\n')
    return /^(?:y|yes)$/i.test(answer?.trim() ?? '')
  } finally {
    reader.close()
  }
}
