import { describe, expect, it } from 'vitest'
import { type MessageQueue, QueueMap } from '../../../../src/core/protocol/index.ts'

const queue = (topic: string, brokerName: string, queueId: number): MessageQueue => ({ topic, brokerName, queueId })

describe('QueueMap', () => {
  it('tells queues apart by topic, broker and number, and not by who names them', () => {
    const map = new QueueMap<string>()
    map.set(queue('a', 'b', 0), 'first')
    map.set(queue('a', 'b', 1), 'second')
    map.set(queue('a', 'c', 0), 'third')
    map.set(queue('d', 'b', 0), 'fourth')
    map.set(queue('a', 'b', 0), 'replaced')

    expect(map.size).toBe(4)
    expect(map.get(queue('a', 'b', 0))).toBe('replaced')
    expect(map.get(queue('a', 'c', 1))).toBeUndefined()
    expect(map.has(queue('d', 'b', 0))).toBe(true)
    expect(map.values()).toEqual(['replaced', 'second', 'third', 'fourth'])
  })

  it('forgets queues one by one or all at once', () => {
    const map = new QueueMap<number>()
    map.set(queue('a', 'b', 0), 1)
    map.set(queue('a', 'b', 1), 2)

    expect(map.delete(queue('a', 'b', 0))).toBe(true)
    expect(map.delete(queue('a', 'b', 0))).toBe(false)
    expect(map.delete(queue('x', 'b', 0))).toBe(false)
    expect(map.values()).toEqual([2])
    expect(map.delete(queue('a', 'b', 1))).toBe(true)
    expect(map.size).toBe(0)

    map.set(queue('a', 'b', 0), 3)
    map.clear()
    expect([map.size, map.values()]).toEqual([0, []])
  })
})
