import { describe, expect, it } from 'vitest'
import type { MessageListenerConcurrently } from '../../../src/core/consumer/consume/message-listener.ts'
import type { MessageListenerOrderly } from '../../../src/core/consumer/consume/message-listener-orderly.ts'
import { consumeDirectly, consumeDirectlyOrderly } from '../../../src/core/consumer/consume-directly.ts'
import { message } from '../../support/messages.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const hand = (listener: MessageListenerConcurrently, parts = message()) =>
  consumeDirectly(parts, { listener, clock: new VirtualClock() })

describe('consumeDirectly', () => {
  it.each([
    ['CONSUME_SUCCESS', 'CR_SUCCESS'],
    ['RECONSUME_LATER', 'CR_LATER'],
    ['LEAVE_UNFINISHED', 'CR_LATER'],
  ] as const)('answers for %s, at once or later, with %s', async (status, consumeResult) => {
    for (const listener of [() => status, () => Promise.resolve(status)]) {
      expect(await hand(listener)).toEqual({
        autoCommit: true,
        consumeResult,
        order: false,
        remark: undefined,
        spentTimeMills: 0,
      })
    }
  })

  it.each([
    [
      'throws',
      () => {
        throw new RangeError('out of range')
      },
    ],
    ['rejects', () => Promise.reject(new RangeError('out of range'))],
  ])('says so when the listener %s', async (_, listener) => {
    expect(await hand(listener)).toMatchObject({
      consumeResult: 'CR_THROW_EXCEPTION',
      remark: 'RangeError: out of range',
    })
  })

  it('says so when the listener says nothing', async () => {
    const saysNothing = (() => undefined) as unknown as MessageListenerConcurrently

    expect(await hand(saysNothing)).toMatchObject({ consumeResult: 'CR_RETURN_NULL' })
  })

  it('waits for a listener that acknowledges later', async () => {
    const answer = hand((_, context) => {
      setImmediate(() => {
        context.acknowledge('RECONSUME_LATER')
      })
      return 'ACKNOWLEDGE_LATER'
    })

    expect(await answer).toMatchObject({ consumeResult: 'CR_LATER' })
  })

  it('tells how long it took', async () => {
    const clock = new VirtualClock()
    const answer = consumeDirectly(message(), {
      clock,
      listener: () => clock.sleep(250).then(() => 'CONSUME_SUCCESS' as const),
    })
    await clock.advance(250)

    expect((await answer).spentTimeMills).toBe(250)
  })

  it('shows the listener the queue and, of a retried message, the topic it was first sent to', async () => {
    const seen: unknown[] = []
    const listener: MessageListenerConcurrently = (messages, context) => {
      seen.push(messages.length, messages[0]?.topic, context.messageQueue)
      return 'CONSUME_SUCCESS'
    }

    await hand(listener, message({ topic: '%RETRY%g', queueId: 3, properties: { RETRY_TOPIC: 'orders' } }))
    await hand(listener, message({ topic: '%DLQ%g', properties: { RETRY_TOPIC: 'orders' } }))

    expect(seen).toEqual([
      1,
      'orders',
      { topic: 'orders', brokerName: 'broker-a', queueId: 3 },
      1,
      '%DLQ%g',
      { topic: '%DLQ%g', brokerName: 'broker-a', queueId: 0 },
    ])
  })
})

describe('consumeDirectly of an orderly listener', () => {
  const defaults = { suspendCurrentQueueTimeMillis: 1000, maxReconsumeTimes: 16 }
  const handInOrder = (listener: MessageListenerOrderly) =>
    consumeDirectlyOrderly(message(), { listener, clock: new VirtualClock(), defaults })

  it.each([
    ['SUCCESS', 'CR_SUCCESS'],
    ['COMMIT', 'CR_COMMIT'],
    ['ROLLBACK', 'CR_ROLLBACK'],
    ['SUSPEND_CURRENT_QUEUE_A_MOMENT', 'CR_LATER'],
    ['LEAVE_UNFINISHED', 'CR_LATER'],
  ] as const)('answers for %s, at once or later, with %s', async (status, consumeResult) => {
    for (const listener of [() => status, () => Promise.resolve(status)]) {
      expect(await handInOrder(listener)).toMatchObject({ consumeResult, order: true, autoCommit: true })
    }
  })

  it('waits for what is acknowledged later', async () => {
    const answer = await handInOrder((_, context) => {
      setImmediate(() => {
        context.acknowledge('LEAVE_UNFINISHED')
      })
      return 'ACKNOWLEDGE_LATER'
    })

    expect(answer).toMatchObject({ consumeResult: 'CR_LATER', order: true })
  })

  it('tells autoCommit, a failure and a missing answer', async () => {
    const off: MessageListenerOrderly = (_, context) => {
      context.autoCommit = false
      return 'SUCCESS'
    }
    expect(await handInOrder(off)).toMatchObject({ autoCommit: false })
    expect(await handInOrder(() => Promise.reject(new RangeError('out of range')))).toMatchObject({
      consumeResult: 'CR_THROW_EXCEPTION',
      remark: 'RangeError: out of range',
    })
    const saysNothing = (() => undefined) as unknown as MessageListenerOrderly
    expect(await handInOrder(saysNothing)).toMatchObject({ consumeResult: 'CR_RETURN_NULL' })
  })
})
