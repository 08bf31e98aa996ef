import { groupSettingNames } from '../../core/admin/index.ts'
import { type CommandLine, type KnownCommand } from './command-line.ts'

/** What may stand at the cursor. */
export interface Candidate {
  readonly value: string
  /** What it is, in a few words. */
  readonly about?: string | undefined
}

/** Something to be asked of the user's files or of the cluster. */
export type Asked = 'topics' | 'groups' | 'contexts' | 'undo' | 'files'

/** What may stand at the cursor, as far as it is known without asking, or whom to ask. */
export type Answer = { readonly asks: Asked } | { readonly candidates: readonly Candidate[] }

const nothing: Answer = { candidates: [] }

/** Says what may stand at the cursor; what has been begun is not compared yet. */
export function answerFor(line: CommandLine, commands: readonly KnownCommand[]): Answer {
  const { command, flag, current } = line
  if (flag !== undefined && command !== undefined) return ofFlag(flag, command)
  if (current.startsWith('-')) return { candidates: flagsOf(line) }
  const next = nextWords(line, commands)
  if (command === undefined) return { candidates: next }
  const argument = ofArgument(line, command)
  if (next.length > 0 && 'candidates' in argument) return { candidates: [...next, ...argument.candidates] }
  return argument
}

/** Words that go on to a command: topics of commands and commands, once each. */
function nextWords({ words, argument, given }: CommandLine, commands: readonly KnownCommand[]): Candidate[] {
  if (argument > 0 || given.size > 0) return []
  const found = new Map<string, string | undefined>()
  for (const { id, hidden, summary } of commands) {
    const parts = id.split(':')
    const word = parts[words.length]
    if (hidden || word === undefined || !words.every((given, index) => parts[index] === given)) continue
    const whole = parts.length === words.length + 1
    if (whole || !found.has(word)) found.set(word, whole ? summary : found.get(word))
  }
  return [...found].map(([value, about]) => ({ value, about }))
}

function flagsOf({ command, given }: CommandLine): Candidate[] {
  return Object.values(command?.flags ?? {})
    .filter((flag) => flag.hidden !== true && (!given.has(flag.name) || (flag.type === 'option' && flag.multiple)))
    .map(({ name, summary }) => ({ value: `--${name}`, about: summary }))
}

const positions = ['first', 'last', 'committed'].map((value) => ({ value }))

function ofFlag(name: string, { id, flags }: KnownCommand): Answer {
  const flag = flags[name]
  if (flag?.type !== 'option') return nothing
  if (flag.options !== undefined) return { candidates: flag.options.map((value) => ({ value })) }
  const ofGroup = name === 'group' || (name === 'from' && id === 'offsets:clone')
  if (ofGroup || (name === 'confirm' && 'group' in flags)) return { asks: 'groups' }
  if (name === 'topic' || name === 'confirm') return { asks: 'topics' }
  if (name === 'context') return { asks: 'contexts' }
  if (name === 'set') return { candidates: groupSettingNames.map((setting) => ({ value: `${setting}=` })) }
  if (name === 'from' || name === 'to' || name === 'until') return { candidates: positions }
  return /\b(?:FILE|DIR)\b/.test(flag.helpValue?.toString() ?? '') ? { asks: 'files' } : nothing
}

function ofArgument({ argument }: CommandLine, { id, args }: KnownCommand): Answer {
  const all = Object.values(args)
  // A command that takes any number of them names the last one once.
  const wanted = all[Math.min(argument, all.length - 1)]
  if (wanted === undefined || (argument >= all.length && id !== 'offsets:clone')) return nothing
  if (wanted.options !== undefined) return { candidates: wanted.options.map((value) => ({ value })) }
  if (wanted.name === 'topic') return { asks: 'topics' }
  if (wanted.name === 'name' && id.startsWith('contexts:') && id !== 'contexts:add') return { asks: 'contexts' }
  if (wanted.name === 'id' && id === 'offsets:undo') return { asks: 'undo' }
  return ['file', 'a', 'b'].includes(wanted.name) ? { asks: 'files' } : nothing
}
