import { describe, expect, it } from 'vitest'
import {
  AllocateMessageQueueAveragely,
  AllocateMessageQueueAveragelyByCircle,
  type AllocateMessageQueueStrategy,
  allocateMachineRoomNearby,
  allocateMessageQueueByConfig,
  allocateMessageQueueByMachineRoom,
  allocateMessageQueueConsistentHash,
} from '../../../../../src/core/consumer/index.ts'
import { UsageError } from '../../../../../src/core/errors.ts'
import type { MessageQueue } from '../../../../../src/core/protocol/index.ts'
import { fixtureText } from '../../../../support/fixtures.ts'

/** What the Java class gave each of the clients: indexes into the queues, none, or the exception it threw. */
interface Vector {
  readonly strategy: string
  readonly topic: string
  readonly queues: readonly (readonly [broker: string, count: number] | readonly [broker: string, id: number, one: 1])[]
  readonly cids: readonly string[]
  readonly result: Readonly<Record<string, readonly (number | string)[] | null | { readonly throws: string }>>
  readonly virtualNodes?: number
  readonly rooms?: readonly string[]
  readonly inner?: string
  readonly config?: readonly (readonly [topic: string, broker: string, id: number])[] | null
}

const { vectors } = JSON.parse(fixtureText('allocation-vectors.json')) as { readonly vectors: readonly Vector[] }

function queuesOf({ topic, queues }: Vector): MessageQueue[] {
  return queues.flatMap(([brokerName, number, one]) =>
    one === undefined
      ? Array.from({ length: number }, (_, queueId) => ({ topic, brokerName, queueId }))
      : [{ topic, brokerName, queueId: number }],
  )
}

/** The text before the first `-`, as the resolver had it that Java was run with. */
const beginning = (text: string): string => text.split('-', 1)[0] ?? ''

function strategyOf({ strategy, inner, rooms, virtualNodes, config }: Vector): AllocateMessageQueueStrategy {
  switch (strategy) {
    case 'AVG':
      return AllocateMessageQueueAveragely
    case 'AVG_BY_CIRCLE':
      return AllocateMessageQueueAveragelyByCircle
    case 'CONSISTENT_HASH':
      return allocateMessageQueueConsistentHash(virtualNodes === undefined ? {} : { virtualNodes })
    case 'CONFIG':
      return allocateMessageQueueByConfig(
        (config ?? []).map(([topic, brokerName, queueId]) => ({ topic, brokerName, queueId })),
      )
    case 'MACHINE_ROOM':
      return allocateMessageQueueByMachineRoom(rooms ?? [])
    case 'MACHINE_ROOM_NEARBY':
      return allocateMachineRoomNearby(
        inner === 'AVG' ? AllocateMessageQueueAveragely : AllocateMessageQueueAveragelyByCircle,
        { roomOfQueue: ({ brokerName }) => beginning(brokerName), roomOfClient: beginning },
      )
    default:
      throw new Error(`no strategy ${strategy}`)
  }
}

describe.each(['AVG', 'AVG_BY_CIRCLE', 'CONSISTENT_HASH', 'CONFIG', 'MACHINE_ROOM', 'MACHINE_ROOM_NEARBY'])(
  'the strategy that Java calls %s',
  (name) => {
    const cases = vectors.filter(({ strategy }) => strategy === name)

    it.each(cases)('gives $topic, $queues, to $cids as Java does, in its order', (vector) => {
      const strategy = strategyOf(vector)
      const queues = queuesOf(vector)
      for (const [clientId, wanted] of Object.entries(vector.result)) {
        const allocate = (): readonly MessageQueue[] =>
          strategy.allocate({ group: 'GroupOne', clientId, queues, clientIds: vector.cids })
        if (wanted !== null && 'throws' in wanted) {
          expect(allocate).toThrow(UsageError)
          continue
        }
        const indexOf = (given: MessageQueue): number =>
          queues.findIndex((queue) => queue.brokerName === given.brokerName && queue.queueId === given.queueId)
        // What Java gives as null holds no queue either.
        expect(allocate().map(indexOf)).toEqual(wanted ?? [])
      }
    })

    it('is called so, and checked against enough results', () => {
      expect(strategyOf({ ...(cases[0] as Vector), inner: 'AVG' }).name).toBe(
        name === 'MACHINE_ROOM_NEARBY' ? 'MACHINE_ROOM_NEARBY-AVG' : name,
      )
      expect(cases.length).toBeGreaterThanOrEqual(name === 'CONFIG' ? 4 : 40)
    })
  },
)
