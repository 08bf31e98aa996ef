import type { Command } from '@oclif/core'

/** What of oclif's manifest is needed of a command. */
export type KnownCommand = Pick<Command.Cached, 'id' | 'aliases' | 'hidden' | 'summary' | 'flags' | 'args'>

type KnownFlag = KnownCommand['flags'][string]

/** A command line that is being written. */
export interface CommandLine {
  /** The command, as far as it is one yet. */
  readonly command: KnownCommand | undefined
  /** Words of the command, without flags. */
  readonly words: readonly string[]
  /** The word at the cursor. */
  readonly current: string
  /** The flag whose value is at the cursor. */
  readonly flag: string | undefined
  /** How many arguments stand before the cursor. */
  readonly argument: number
  /** Flags before the cursor; `true` for one without a value. */
  readonly given: ReadonlyMap<string, string | true>
}

/** Takes the words up to the cursor apart, the last one being written; what makes no sense is passed over. */
export function readCommandLine(words: readonly string[], commands: readonly KnownCommand[]): CommandLine {
  const current = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  const firstFlag = before.findIndex((word) => word.startsWith('-'))
  const plain = firstFlag === -1 ? before : before.slice(0, firstFlag)
  const command = longest(plain, commands)
  const length = command === undefined ? plain.length : nameLength(plain, command)
  const { arguments: count, given, open } = readFlags(before.slice(length), command)
  const attached = open === undefined ? /^(--[a-z-]+)=/.exec(current)?.[1] : undefined
  const flag = open ?? (attached === undefined ? undefined : flagNamed(attached, command)?.name)
  return { command, words: plain, current, flag, argument: count, given }
}

function longest(words: readonly string[], commands: readonly KnownCommand[]): KnownCommand | undefined {
  for (let length = words.length; length > 0; length--) {
    const id = words.slice(0, length).join(':')
    const found = commands.find((command) => command.id === id || command.aliases.includes(id))
    if (found !== undefined) return found
  }
  return undefined
}

/** Of the words, how many are the command's name. */
function nameLength(words: readonly string[], { id, aliases }: KnownCommand): number {
  const lengths = [id, ...aliases]
    .map((name) => name.split(':'))
    .filter((parts) => parts.every((part, index) => words[index] === part))
    .map((parts) => parts.length)
  return Math.max(0, ...lengths)
}

function readFlags(words: readonly string[], command: KnownCommand | undefined) {
  const given = new Map<string, string | true>()
  let count = 0
  let open: string | undefined
  for (const word of words) {
    if (open !== undefined) {
      given.set(open, word)
      open = undefined
      continue
    }
    const flag = flagNamed(word, command)
    if (flag === undefined) {
      if (!word.startsWith('-')) count += 1
      continue
    }
    const value = word.startsWith('--') ? /=(.*)$/s.exec(word)?.[1] : word.slice(2) || undefined
    if (flag.type === 'boolean') given.set(flag.name, true)
    else if (value === undefined) open = flag.name
    else given.set(flag.name, value)
  }
  return { arguments: count, given, open }
}

/** The flag a word begins: `--group=x`, `-g`, `-gx`, `--no-order`. */
function flagNamed(word: string, command: KnownCommand | undefined): KnownFlag | undefined {
  if (command === undefined) return undefined
  const [, long, short] = /^(?:--([a-z][a-z-]*)|-([a-zA-Z]))/.exec(word) ?? []
  return Object.values(command.flags).find(({ name, char }) => {
    return short === undefined ? name === long || `no-${name}` === long : char === short
  })
}
