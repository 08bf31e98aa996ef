import { describe, expect, it } from 'vitest'
import { AllocateMessageQueueAveragely } from '../../../../src/core/consumer/index.ts'
import { Rebalance, type RebalanceParts } from '../../../../src/core/consumer/rebalance/rebalance.ts'
import { ConnectionError } from '../../../../src/core/errors.ts'
import type { MessageQueue } from '../../../../src/core/protocol/index.ts'
import { silentLogger } from '../../../../src/core/support/index.ts'

const signal = new AbortController().signal

function queues(brokerName: string, count: number): MessageQueue[] {
  return Array.from({ length: count }, (_, queueId) => ({ topic: 'orders', brokerName, queueId }))
}

function rebalance(all: readonly MessageQueue[], acquire: RebalanceParts['acquire']): Rebalance {
  return new Rebalance({
    group: 'g',
    clientId: 'me',
    strategy: AllocateMessageQueueAveragely,
    logger: silentLogger,
    topics: () => ['orders'],
    queuesOf: async () => all,
    membersOf: async () => ['me'],
    notListed: async () => undefined,
    held: () => [],
    release: () => undefined,
    acquire,
    changed: async () => undefined,
  })
}

describe('a rebalance pass over very many queues', () => {
  it('takes 32 queues of a broker at a time, and those of another broker beside them', async () => {
    const running = new Map<string, number>()
    let most = 0
    let taken = 0
    const pass = rebalance([...queues('broker-a', 100), ...queues('broker-b', 100)], async ({ brokerName }) => {
      const now = (running.get(brokerName) ?? 0) + 1
      running.set(brokerName, now)
      most = Math.max(most, now)
      await new Promise((resolve) => setImmediate(resolve))
      running.set(brokerName, now - 1)
      taken += 1
      return true
    })

    expect(await pass.run(signal)).toBe('complete')
    expect([most, taken]).toEqual([32, 200])
  })

  it('does not go on asking a broker that is not there, and takes the queues of the others', async () => {
    const asked = new Map<string, number>()
    const pass = rebalance([...queues('broker-a', 100), ...queues('broker-b', 100)], async ({ brokerName }) => {
      asked.set(brokerName, (asked.get(brokerName) ?? 0) + 1)
      if (brokerName === 'broker-a') throw new ConnectionError('127.0.0.1:10911', 'connection refused')
      return true
    })

    expect(await pass.run(signal)).toBe('incomplete')
    expect(asked).toEqual(
      new Map([
        ['broker-a', 32],
        ['broker-b', 100],
      ]),
    )
  })

  it('goes on after a queue that cannot be taken for a reason of its own', async () => {
    let asked = 0
    const pass = rebalance(queues('broker-a', 100), async ({ queueId }) => {
      asked += 1
      if (queueId === 3) throw new Error('damaged')
      return true
    })

    expect(await pass.run(signal)).toBe('incomplete')
    expect(asked).toBe(100)
  })
})
