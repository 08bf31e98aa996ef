import type { CommandContext } from '../command-context.ts'

/** A command whose time limit ends it, but does not shorten its requests once it is under way. */
export interface OpenEnded {
  readonly context: CommandContext
  /** From now on requests have their own time: long polls, and what is stored at the end. */
  readonly begin: () => void
}

/** Makes a context for a command that goes on and on. */
export function openEnded(context: CommandContext): OpenEnded {
  const state = { begun: false }
  const remainingMs = (): number | undefined => (state.begun ? undefined : context.deadline.remainingMs())
  return {
    context: { ...context, deadline: { ...context.deadline, remainingMs } },
    begin: () => {
      state.begun = true
    },
  }
}
