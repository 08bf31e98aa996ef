import { type AllocateMessageQueueStrategy, shareOf } from '../../core/consumer/index.ts'
import { UsageError } from '../../core/errors.ts'
import { queueName } from '../../core/protocol/index.ts'
import { buildStrategy, type NamedStrategy, parseStrategy } from '../allocation-strategy.ts'
import { readFlag } from '../flag-types.ts'
import { noSuchQueue } from '../position/resolve.ts'
import type { ConsumeRun } from './consume-run.ts'
import type { ConsumeFlagValues } from './consume-settings.ts'

type StrategyFlags = Pick<ConsumeFlagValues, 'strategy' | 'queue' | 'rooms' | 'room'>

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

/**
 * The strategy a member was told to use, tried on the topic as if it were alone: what fails then fails always. Rejects
 * with UsageError when there is none, with HandlerError when it fails, with NotFoundError for a queue that is not there.
 */
export async function memberStrategy(run: ConsumeRun): Promise<AllocateMessageQueueStrategy | undefined> {
  const { settings, connection, route } = run
  const { flags } = settings
  const named = namedStrategy(flags)
  if (named === undefined) return undefined
  const queues = (flags.queue ?? []).map((name) => {
    const queue = route.subscribeQueues.find((one) => queueName(one) === name.trim())
    if (queue === undefined) throw noSuchQueue(name, route.subscribeQueues)
    return queue
  })
  const strategy = await buildStrategy(named, { queues, rooms: flags.rooms ?? [] })
  const { clientId } = connection.client
  const group = connection.wireName(flags.group ?? '')
  shareOf(strategy, { group, clientId, queues: route.subscribeQueues, clientIds: [clientId] })
  return strategy
}

function namedStrategy({ strategy }: StrategyFlags): NamedStrategy | undefined {
  return strategy === undefined ? undefined : readFlag('strategy', strategy, parseStrategy)
}
