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

/** Words taken apart: the name of a command, or what was meant as one, and what follows. */
export interface SplitWords {
  /** Its words joined by colons. */
  readonly name: string
  readonly rest: string[]
}

/**
 * Tells which words are the name of a command, as oclif does where names have spaces: as many as any name begins with;
 * a word that no name has belongs to it too unless it is a flag or an argument.
 */
export function splitName(words: readonly string[], names: CommandNames): SplitWords {
  const beginnings = new Set(Object.keys(names).flatMap(beginningsOf))
  let length = 0
  for (const word of words) {
    const name = words.slice(0, length).join(':')
    const isName = beginnings.has(length === 0 ? word : `${name}:${word}`)
    if (!isName && (word.startsWith('-') || word.includes('=') || names[name]?.takesArguments === true)) break
    length += 1
  }
  // Whatever the first word is, it is meant as a command.
  const end = Math.max(1, length)
  return { name: words.slice(0, end).join(':'), rest: words.slice(end) }
}

function beginningsOf(name: string): string[] {
  const words = name.split(':')
  return words.map((_, index) => words.slice(0, index + 1).join(':'))
}
