import path from 'node:path'
import {
  AllocateMessageQueueAveragely,
  AllocateMessageQueueAveragelyByCircle,
  type AllocateMessageQueueStrategy,
  allocateMachineRoomNearby,
  allocateMessageQueueByConfig,
  allocateMessageQueueByMachineRoom,
  allocateMessageQueueConsistentHash,
  roomOfBroker,
} from '../core/consumer/index.ts'
import { UsageError } from '../core/errors.ts'
import type { MessageQueue } from '../core/protocol/index.ts'
import { didYouMean } from './suggest.ts'
import { userModule } from './user-module.ts'

/** What some strategies need to know. */
export interface StrategyDetails {
  /** Of the configured strategy. */
  readonly queues: readonly MessageQueue[]
  /** Of the one by machine room. */
  readonly rooms: readonly string[]
}

/** The strategies by the words users have for them. */
const strategies = {
  average: () => AllocateMessageQueueAveragely,
  circle: () => AllocateMessageQueueAveragelyByCircle,
  'consistent-hash': () => allocateMessageQueueConsistentHash(),
  config: ({ queues }: StrategyDetails) => allocateMessageQueueByConfig(queues),
  'machine-room': ({ rooms }: StrategyDetails) => allocateMessageQueueByMachineRoom(rooms),
  'machine-room-nearby': () =>
    allocateMachineRoomNearby(AllocateMessageQueueAveragely, {
      roomOfQueue: ({ brokerName }) => roomOfBroker(brokerName),
      roomOfClient: unitOf,
    }),
} as const

export type StrategyWord = keyof typeof strategies
export const strategyWords = Object.keys(strategies) as readonly StrategyWord[]

/** What the user named: a strategy by its word, or a file with one. */
export type NamedStrategy = { readonly word: StrategyWord } | { readonly file: string }

/** Reads the name of a strategy. Throws UsageError for what is neither a word for one nor looks like a file. */
export function parseStrategy(text: string): NamedStrategy {
  const word = strategyWords.find((one) => one === text)
  if (word !== undefined) return { word }
  if (/[/\\]|\.[a-z]+$/i.test(text)) return { file: text }
  throw new UsageError(`'${text}' is no strategy; there are ${strategyWords.join(', ')}, and your own, by a file`, {
    suggestions: [...didYouMean(text, strategyWords), 'a file in this folder is written ./mine.mjs'],
  })
}

/** Builds the strategy. Rejects with UsageError when a file has none. */
export async function buildStrategy(
  named: NamedStrategy,
  details: StrategyDetails,
): Promise<AllocateMessageQueueStrategy> {
  if ('word' in named) return strategies[named.word](details)
  const exported = await userModule('strategy', named.file)
  if (isStrategy(exported)) return exported
  if (typeof exported === 'function') {
    const name = path.basename(named.file).replace(/\.[^.]+$/, '')
    return { name, allocate: exported as AllocateMessageQueueStrategy['allocate'] }
  }
  const what = exported === undefined ? 'has no default export' : 'has a default export that is no strategy'
  throw new UsageError(`--strategy: ${named.file} ${what}`, {
    suggestions: ['it is an object with a name and a function allocate, or that function'],
  })
}

function isStrategy(value: unknown): value is AllocateMessageQueueStrategy {
  if (typeof value !== 'object' || value === null || !('name' in value) || !('allocate' in value)) return false
  return typeof value.name === 'string' && typeof value.allocate === 'function'
}

/** The unit name in a client id, `ip@instance@unit`; clients of 5.x may add what they are after it. */
function unitOf(clientId: string): string | undefined {
  const [, , unit] = clientId.split('@')
  return unit === 'STREAM' ? undefined : unit
}
