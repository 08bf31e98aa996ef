import { describe, expect, it } from 'vitest'
import type { ConsumeOrderlyContext } from '../../../src/core/consumer/index.ts'
import { withUserNamesInOrder } from '../../../src/core/consumer/user-names.ts'
import { message } from '../../support/messages.ts'

describe('withUserNamesInOrder', () => {
  it('shows the names of the user, and passes on what the listener says in the context', async () => {
    const seen: unknown[] = []
    const context: ConsumeOrderlyContext = {
      messageQueue: { topic: 'ns%orders', brokerName: 'broker-a', queueId: 0 },
      signal: new AbortController().signal,
      autoCommit: true,
      suspendCurrentQueueTimeMillis: 1000,
      maxReconsumeTimes: 16,
      ackIndex: 5,
      leaveRest: false,
      confirmLock: () => Promise.resolve(false),
      isCurrent: true,
      acknowledge: (status) => seen.push(status),
    }
    const listener = withUserNamesInOrder(
      async ([first], given) => {
        seen.push(first?.topic, given.messageQueue.topic, given.signal, await given.confirmLock(), given.isCurrent)
        given.acknowledge('SUCCESS')
        given.autoCommit = !given.autoCommit
        given.suspendCurrentQueueTimeMillis += 1
        given.maxReconsumeTimes += 1
        given.ackIndex -= 1
        given.leaveRest = !given.leaveRest
        return 'COMMIT' as const
      },
      (name) => name.slice('ns%'.length),
    )

    expect(await listener([message({ topic: 'ns%orders' })], context)).toBe('COMMIT')

    expect(seen).toEqual(['orders', 'orders', context.signal, false, true, 'SUCCESS'])
    expect(context).toMatchObject({
      autoCommit: false,
      suspendCurrentQueueTimeMillis: 1001,
      maxReconsumeTimes: 17,
      ackIndex: 4,
      leaveRest: true,
    })
  })
})
