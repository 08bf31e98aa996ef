import { createInterface } from 'node:readline/promises'
import { RefusedError } from '../core/errors.ts'
import type { CommandContext } from './command-context.ts'
import type { Connection } from './connect.ts'
import { refuseReadOnly, type WriteGuard } from './contexts/write-guard.ts'

/** The flags of every command that changes a cluster. */
export interface WriteFlagValues {
  readonly yes: boolean
  readonly 'dry-run': boolean
  readonly confirm?: string | undefined
}

/** A change, as the user is asked for it. */
export interface AskedChange {
  /** `Move these queues?` */
  readonly question: string
  /** The name of what changes, to be typed where the context is protected. */
  readonly name: string
}

interface Parts {
  readonly context: CommandContext
  readonly connection: Pick<Connection, 'guard'>
}

/**
 * Lets a shown plan be carried out, or not: resolves to `false` after a dry run. Asks on a terminal, where the answer
 * is no unless it is yes, or the name in a protected context. Rejects with RefusedError when the answer is no, when nobody
 * can be asked and no flag answers, and in a context that is read-only.
 */
export async function confirm(change: AskedChange, flags: WriteFlagValues, parts: Parts): Promise<boolean> {
  const { context, connection } = parts
  if (flags['dry-run']) {
    context.say('dry run: nothing was changed')
    return false
  }
  const guard = await connection.guard()
  refuseReadOnly(guard, 'this changes the cluster', ['--dry-run shows what it would change'])
  if (guard.protected) {
    await confirmByName(change.name, flags.confirm, { context, guard })
    return true
  }
  if (flags.yes) return true
  if (!canAsk(context)) {
    throw new RefusedError('nothing was changed: this needs a confirmation, and there is no terminal to ask on', {
      suggestions: ['add --yes to carry the plan out, or --dry-run to only see it'],
    })
  }
  const answer = await ask(`${change.question} [y/N] `, context.signal)
  if (!/^(?:y|yes)$/i.test(answer)) throw new RefusedError('nothing was changed: the answer was not yes')
  return true
}

/** Rejects with RefusedError unless the name of what changes is given, by flag or on a terminal. */
export async function confirmByName(
  name: string,
  given: string | undefined,
  { context, guard }: { readonly context: CommandContext; readonly guard: WriteGuard },
): Promise<void> {
  const where = `context ${guard.context ?? ''} is protected`
  if (given === undefined && !canAsk(context)) {
    throw new RefusedError(
      `nothing was changed: ${where}, and there is no terminal to type the name of what changes on`,
      {
        suggestions: [`add --confirm ${name} to carry it out`],
      },
    )
  }
  const answer = given ?? (await ask(`${where}; type ${name} to go on: `, context.signal))
  if (answer !== name) {
    const wrong = given === undefined ? 'that is not its name' : `--confirm is not ${name}`
    throw new RefusedError(`nothing was changed: ${where}, and ${wrong}`)
  }
}

function canAsk({ terminal }: CommandContext): boolean {
  return terminal.stdin && terminal.stderr
}

/** What is answered, without blanks around it; nothing at the end of input. */
async function ask(question: string, signal: AbortSignal): Promise<string> {
  // Not as a terminal: readline would take Ctrl-C for itself.
  const reader = createInterface({ input: process.stdin, output: process.stderr, terminal: false })
  try {
    // At the end of input there is no answer, and readline would wait for ever.
    const ended = new Promise<undefined>((resolve) => {
      reader.once('close', () => {
        resolve(undefined)
      })
    })
    const answer = await Promise.race([reader.question(question, { signal }), ended])
    if (answer === undefined) process.stderr.write('\n')
    return answer?.trim() ?? ''
  } finally {
    reader.close()
  }
}
