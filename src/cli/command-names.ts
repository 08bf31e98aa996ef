import type { Command } from '@oclif/core'

/** The command behind a name. */
export interface NamedCommand {
  readonly id: string
  /** Words that follow its name may be its arguments. */
  readonly takesArguments: boolean
}

/** All that a start has to know of the commands there are: their ids and aliases. The rest is read where it is shown. */
export type CommandNames = Readonly<Record<string, NamedCommand>>

/** Gathers the names from oclif's manifest; the build does (scripts/bundle/bundle.mjs). */
export function commandNames(commands: Readonly<Record<string, Command.Cached>>): CommandNames {
  const names = Object.values(commands).flatMap(({ id, aliases, hiddenAliases, args, strict }) => {
    const named = { id, takesArguments: strict === false || Object.keys(args).length > 0 }
    return [id, ...aliases, ...hiddenAliases].map((name) => [name, named] as const)
  })
  return Object.fromEntries(names)
}

/** What oclif looks at to tell which words are the name of a command. */
export function nameLookup(names: CommandNames): {
  readonly topicSeparator: string
  readonly commandIDs: string[]
  findCommand(id: string): { readonly strict: boolean } | undefined
} {
  return {
    topicSeparator: ' ',
    commandIDs: Object.keys(names),
    findCommand: (id) => {
      const named = names[id]
      return named === undefined ? undefined : { strict: !named.takesArguments }
    },
  }
}
