import { describe, expect, it } from 'vitest'
import { selectByHash, selectQueue } from '../../../src/core/producer/index.ts'
import { RoundRobin } from '../../../src/core/producer/queue-selector.ts'
import { javaHash, type MessageQueue, queueName } from '../../../src/core/protocol/index.ts'

function queues(...brokers: readonly (readonly [name: string, count: number])[]): MessageQueue[] {
  return brokers.flatMap(([brokerName, count]) =>
    Array.from({ length: count }, (_, queueId) => ({ topic: 'T', brokerName, queueId })),
  )
}

describe('selectByHash', () => {
  // Key, hash, and the queue that SelectMessageQueueByHash of 4.9.7 and of 5.5.0 takes of 1, 3, 4, 8 and 16.
  it.each<[key: string, hash: number, ...ids: number[]]>([
    ['', 0, 0, 0, 0, 0, 0],
    ['a', 97, 0, 1, 1, 1, 1],
    ['order-1', -1_207_111_310, 0, 2, 2, 6, 14],
    ['order-2', -1_207_111_309, 0, 1, 1, 5, 13],
    ['user-42', -147_182_656, 0, 1, 0, 0, 0],
    ['polygenelubricants', -2_147_483_648, 0, 2, 0, 0, 0],
    ['DESIGNING WORKHOUSES', -2_147_483_648, 0, 2, 0, 0, 0],
    ['数据', 830_462, 0, 2, 2, 6, 14],
    ['😀', 1_772_899, 0, 1, 3, 3, 3],
    ['zzzzzzzz', -1_910_022_912, 0, 0, 0, 0, 0],
    ['k-1234567890', -385_646_275, 0, 1, 3, 3, 3],
  ])('takes the queue Java takes for %j', (key, hash, ...ids) => {
    const chosen = [1, 3, 4, 8, 16].map((count) => selectByHash(key)(queues(['a', count]))?.queueId)

    expect(javaHash(key)).toBe(hash)
    expect(chosen).toEqual(ids)
  })

  it('chooses none where there is none', () => {
    expect(selectByHash('a')([])).toBeUndefined()
  })
})

describe('selectQueue', () => {
  it('takes the queue that is named, or none', () => {
    const all = queues(['a', 2], ['b', 2])

    expect(selectQueue('b', 1)(all)).toEqual({ topic: 'T', brokerName: 'b', queueId: 1 })
    expect(selectQueue('b', 2)(all)).toBeUndefined()
    expect(selectQueue('c', 0)(all)).toBeUndefined()
  })
})

describe('RoundRobin', () => {
  it('takes each queue in turn, beginning where it is told', () => {
    const turn = new RoundRobin(3)
    const all = queues(['a', 2], ['b', 2])

    const chosen = Array.from({ length: 5 }, () => queueName(turn.select(all) ?? { brokerName: '', queueId: -1 }))

    expect(chosen).toEqual(['b:1', 'a:0', 'a:1', 'b:0', 'b:1'])
  })

  it('avoids the broker that has failed, unless there is no other', () => {
    const turn = new RoundRobin()

    expect(turn.select(queues(['a', 2], ['b', 1]), 'a')?.brokerName).toBe('b')
    expect(turn.select(queues(['a', 2]), 'a')?.brokerName).toBe('a')
    expect(turn.select([], 'a')).toBeUndefined()
  })
})
