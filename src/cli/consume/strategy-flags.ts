import { UsageError } from '../../core/errors.ts'
import { type NamedStrategy, parseStrategy } from '../allocation-strategy.ts'
import { readFlag } from '../flag-types.ts'

/** The flags that say how the queues of a group are shared. */
export interface StrategyFlags {
  readonly strategy: string | undefined
  readonly queue: readonly string[] | undefined
  readonly rooms: readonly string[] | undefined
  readonly room: string | undefined
}

/** What a flag is about, and which strategy it is for. */
const details = [
  ['queue', 'config'],
  ['rooms', 'machine-room'],
  ['room', 'machine-room-nearby'],
] as const

/** The room becomes a part of the client id. */
const ROOM = /^[\w.-]+$/

/** Throws UsageError for what is no strategy, lacks what it needs, or is given what it does not need. */
export function checkStrategyFlags(flags: StrategyFlags): void {
  const named = namedStrategy(flags)
  if (flags.room !== undefined && !ROOM.test(flags.room)) {
    throw new UsageError(`--room: '${flags.room}' is no room; its name has letters, digits, _ . and -`)
  }
  for (const [flag, word] of details) {
    const isWanted = named !== undefined && 'word' in named && named.word === word
    if (isWanted && flags[flag] === undefined) throw new UsageError(`--strategy ${word} needs --${flag}`)
    if (isWanted || flags[flag] === undefined) continue
    throw new UsageError(`--${flag} is for ${flag === 'queue' ? 'browsing and for ' : ''}--strategy ${word}`, {
      suggestions: [`add --strategy ${word}`, ...(flag === 'queue' ? ['or leave out -g'] : [])],
    })
  }
}

/** What the user named; `undefined`: nothing. */
export function namedStrategy({ strategy }: StrategyFlags): NamedStrategy | undefined {
  return strategy === undefined ? undefined : readFlag('strategy', strategy, parseStrategy)
}
