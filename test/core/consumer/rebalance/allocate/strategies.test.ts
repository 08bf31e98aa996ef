import { describe, expect, it } from 'vitest'
import {
  AllocateMessageQueueAveragely,
  type AllocateMessageQueueStrategy,
  allocateMachineRoomNearby,
  allocateMessageQueueByConfig,
  allocateMessageQueueByMachineRoom,
  allocateMessageQueueConsistentHash,
} from '../../../../../src/core/consumer/index.ts'
import { HandlerError, UsageError } from '../../../../../src/core/errors.ts'

const queuesOf = (topic: string, count: number, brokerName = 'a') =>
  Array.from({ length: count }, (_, queueId) => ({ topic, brokerName, queueId }))

function share(
  strategy: AllocateMessageQueueStrategy,
  clientId: string,
  clientIds: readonly string[],
  queues = queuesOf('T', 8),
): number[] {
  return strategy.allocate({ group: 'g', clientId, queues, clientIds }).map(({ queueId }) => queueId)
}

describe('averagely', () => {
  it('gives the queues between the two places to nobody when the broker lists a member twice', () => {
    const shares = ['A', 'B', 'C'].map((clientId) => share(AllocateMessageQueueAveragely, clientId, ['A', 'A', 'B']))

    expect(shares).toEqual([[0, 1, 2], [6, 7], []])
  })
})

describe('by consistent hash', () => {
  it('divides all queues, and moves none between those who stay when one leaves', () => {
    const strategy = allocateMessageQueueConsistentHash()
    const queues = queuesOf('T', 64)
    const before = ['A', 'B', 'C'].map((clientId) => share(strategy, clientId, ['A', 'B', 'C'], queues))
    const after = ['A', 'C'].map((clientId) => share(strategy, clientId, ['A', 'C'], queues))

    expect(before.flat().sort((a, b) => a - b)).toEqual(queues.map(({ queueId }) => queueId))
    expect(after[0]).toEqual(expect.arrayContaining(before[0] ?? []))
    expect(after[1]).toEqual(expect.arrayContaining(before[2] ?? []))
    expect(after.flat()).toHaveLength(64)
  })

  it('puts members and queues where another hash says, the first place following the last', () => {
    const places = new Map([
      ['A-0', 100],
      ['B-0', 200],
    ])
    const strategy = allocateMessageQueueConsistentHash({
      virtualNodes: 1,
      hash: (key) => places.get(key) ?? [50, 100, 101, 201][Number(/queueId=(\d)/.exec(key)?.[1])] ?? 0,
    })

    expect(share(strategy, 'A', ['A', 'B'], queuesOf('T', 4))).toEqual([0, 1, 3])
    expect(share(strategy, 'B', ['A', 'B'], queuesOf('T', 4))).toEqual([2])
  })

  it.each([-1, Number.NaN])('refuses %d virtual nodes', (virtualNodes) => {
    expect(() => allocateMessageQueueConsistentHash({ virtualNodes })).toThrow(UsageError)
  })
})

describe('by configuration', () => {
  const strategy = allocateMessageQueueByConfig(queuesOf('T', 2))

  it('gives what is configured of the topic, whoever is there', () => {
    expect(share(strategy, 'A', ['A', 'B'])).toEqual([0, 1])
    expect(share(strategy, 'nobody', ['A', 'B'])).toEqual([0, 1])
    expect(share(strategy, 'A', ['A', 'B'], queuesOf('other', 3))).toEqual([])
  })

  it('shares the retry topic averagely, for nobody configures it', () => {
    expect(share(strategy, 'A', ['A', 'B'], queuesOf('%RETRY%g', 2))).toEqual([0])
    expect(share(strategy, 'B', ['A', 'B'], queuesOf('%RETRY%g', 2))).toEqual([1])
  })
})

describe('by machine room', () => {
  it('shares the queues of brokers in its rooms only', () => {
    const strategy = allocateMessageQueueByMachineRoom(['east'])
    const queues = [...queuesOf('T', 4, 'east@a'), ...queuesOf('T', 4, 'west@b'), ...queuesOf('T', 1, 'east@c@d')]
    const shares = ['A', 'B', 'C'].map((clientId) => share(strategy, clientId, ['A', 'B', 'C'], queues))

    expect(shares).toEqual([[0, 3], [1], [2]])
  })

  it('refuses to guess the room of somebody who is in none', () => {
    const strategy = allocateMachineRoomNearby(AllocateMessageQueueAveragely, {
      roomOfQueue: () => 'east',
      roomOfClient: (clientId) => (clientId === 'A' ? 'east' : undefined),
    })

    expect(share(strategy, 'A', ['A'])).toHaveLength(8)
    expect(() => share(strategy, 'A', ['A', 'B'])).toThrow(HandlerError)
    expect(() => share(strategy, 'A', ['A', 'B'])).toThrow('client B')
  })
})
