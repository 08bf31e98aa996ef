import { describe, expect, it } from 'vitest'
import { compareQueues, queueKey, queueName } from '../../../../src/core/protocol/index.ts'

const queue = (topic: string, brokerName: string, queueId: number) => ({ topic, brokerName, queueId })

describe('message queues', () => {
  it('are ordered by topic, broker and number, by code units in every locale', () => {
    const sorted = [
      queue('T', 'B', 0),
      queue('T', 'a', 2),
      queue('T', 'a', 10),
      queue('T', 'ä', 0),
      queue('T', '\uffff', 0),
      queue('t', 'a', 0),
    ]

    expect([...sorted].reverse().sort(compareQueues)).toEqual(sorted)
    expect(compareQueues(queue('T', 'a', 1), queue('T', 'a', 1))).toBe(0)
  })

  it('have a key of their own and a short name', () => {
    expect(queueKey(queue('T', 'a', 11))).not.toBe(queueKey(queue('T', 'a1', 1)))
    expect(queueName(queue('T', 'broker-a', 3))).toBe('broker-a:3')
  })
})
