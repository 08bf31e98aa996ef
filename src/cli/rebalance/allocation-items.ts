import { type GroupAllocation, holders } from '../../core/admin/index.ts'
import { compareText, queueKey, versionName } from '../../core/protocol/index.ts'
import { declaredStrategy } from './declared-strategy.ts'

/** A member as `rebalance show` tells it. */
export interface ClientItem {
  readonly clientId: string
  /** One of {@link addresses}. */
  readonly address: string
  /** From where it is connected: one for each broker, if nothing is wrong. */
  readonly addresses: readonly string[]
  readonly language: string | null
  readonly version: string
  /** How it says it shares queues; `null`: it does not tell. */
  readonly strategy: string | null
  /** How many queues it holds; `null`: it does not tell. */
  readonly queues: number | null
}

/** A queue as `rebalance show` tells it. */
export interface OwnedQueueItem {
  readonly topic: string
  readonly broker: string
  readonly queue: number
  readonly owners: readonly string[]
  /** Whether the owner has the broker's lock; `null` where the group is not orderly. */
  readonly locked: boolean | null
}

/** How evenly queues are spread. */
export interface Skew {
  /** The fewest and the most queues of a member; `null` when no member tells. */
  readonly min: number | null
  readonly max: number | null
  /** Members that hold nothing. */
  readonly idle: readonly string[]
  /** Queues nobody holds, as far as is known. */
  readonly unowned: number
}

/** An allocation for people and programs. */
export interface AllocationItems {
  readonly clients: readonly ClientItem[]
  readonly queues: readonly OwnedQueueItem[]
  readonly skew: Skew
}

/** Makes an allocation readable; names are the user's. */
export function allocationItems(survey: GroupAllocation, userName: (name: string) => string): AllocationItems {
  const held = holders(survey)
  const queues = survey.topics.flatMap(({ topic, queues }) =>
    queues.map((queue): OwnedQueueItem => {
      const owners = held.get(queueKey(queue)) ?? []
      const locks = owners.map(({ locked }) => locked).filter((locked) => locked !== undefined)
      return {
        topic: userName(topic),
        broker: queue.brokerName,
        queue: queue.queueId,
        owners: owners.map(({ clientId }) => clientId).sort(compareText),
        locked: locks.length === 0 ? null : locks.includes(true),
      }
    }),
  )
  const clients = survey.members.map((member): ClientItem => {
    const { clientId, addresses, language, version, info } = member
    return {
      clientId,
      address: addresses[0] ?? '',
      addresses,
      language: language ?? null,
      version: versionName(version),
      strategy: declaredStrategy(member) ?? null,
      queues: info === undefined ? null : queues.filter(({ owners }) => owners.includes(clientId)).length,
    }
  })
  return { clients, queues, skew: skewOf(clients, queues) }
}

function skewOf(clients: readonly ClientItem[], queues: readonly OwnedQueueItem[]): Skew {
  const counts = clients.flatMap(({ queues }) => (queues === null ? [] : [queues]))
  return {
    min: counts.length === 0 ? null : Math.min(...counts),
    max: counts.length === 0 ? null : Math.max(...counts),
    idle: clients.filter(({ queues }) => queues === 0).map(({ clientId }) => clientId),
    unowned: queues.filter(({ owners }) => owners.length === 0).length,
  }
}
