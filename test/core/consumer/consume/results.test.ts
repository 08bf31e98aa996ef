import { describe, expect, it } from 'vitest'
import type { MessageListenerConcurrently } from '../../../../src/core/consumer/consume/message-listener.ts'
import { consuming, consumingHeld } from '../../../support/consuming.ts'
import { message } from '../../../support/messages.ts'

describe('what a listener answers at once', () => {
  it('finishes each message on success, without taking one of the concurrent calls', async () => {
    const { put, committed, service, totals, clock, outcomes } = consuming(() => 'CONSUME_SUCCESS')

    await put(0, 100)

    expect(committed[0]?.at(-1)).toBe(100)
    expect(totals()).toEqual({ ok: 100, failed: 0 })
    expect(outcomes.reduce((sum, { calls }) => sum + calls, 0)).toBe(100)
    expect(service.inFlight).toBe(0)
    expect(clock.pending).toBe(0)
  })

  it('sends a message back on RECONSUME_LATER, at the level the listener chose', async () => {
    const { put, committed, sentBack, totals } = consuming((_, context) => {
      context.delayLevelWhenNextConsume = 7
      return 'RECONSUME_LATER'
    })

    await put(0, 2)

    expect(sentBack).toEqual([
      { offset: 0, level: 7, reconsumeTimes: 0 },
      { offset: 1, level: 7, reconsumeTimes: 0 },
    ])
    expect(committed[0]?.at(-1)).toBe(2)
    expect(totals()).toEqual({ ok: 0, failed: 2 })
  })

  it('takes a thrown error and a missing answer for RECONSUME_LATER', async () => {
    const throws = consuming(() => {
      throw new Error('a fault of the listener')
    })
    const saysNothing = consuming((() => undefined) as unknown as MessageListenerConcurrently)

    for (const { put, sentBack, committed } of [throws, saysNothing]) {
      await put(0, 1)
      expect(sentBack).toEqual([{ offset: 0, level: 0, reconsumeTimes: 0 }])
      expect(committed[0]).toEqual([1])
    }
  })

  it('commits nothing beyond a message that is left unfinished', async () => {
    const { put, committed, sentBack, at, totals } = consuming(([message]) =>
      message?.queueOffset === 1 ? 'LEAVE_UNFINISHED' : 'CONSUME_SUCCESS',
    )

    await put(0, 4)

    expect(committed[0]?.at(-1)).toBe(1)
    expect(sentBack).toEqual([])
    expect(at(0).backlog.count).toBe(1)
    expect(totals()).toEqual({ ok: 3, failed: 0 })
  })

  it('gives each call its own settings', async () => {
    const seen: number[] = []
    const { put, sentBack } = consuming(([message], context) => {
      seen.push(context.delayLevelWhenNextConsume, context.ackIndex)
      context.delayLevelWhenNextConsume = 9
      return message?.queueOffset === 2 ? 'RECONSUME_LATER' : 'CONSUME_SUCCESS'
    })

    await put(0, 4)

    expect(new Set(seen)).toEqual(new Set([0, 2_147_483_647]))
    expect(sentBack).toEqual([{ offset: 2, level: 9, reconsumeTimes: 0 }])
  })

  it('gives each call its own signal: an earlier one is not aborted by a later call that takes too long', async () => {
    const signals: AbortSignal[] = []
    const { put, clock, service } = consuming(
      ([message], context) => {
        signals.push(context.signal)
        return message?.queueOffset === 0 ? 'CONSUME_SUCCESS' : new Promise(() => undefined)
      },
      { consumeTimeoutMs: 1000 },
    )
    await put(0, 2)
    await clock.advance(1001)

    await service.expire()

    expect(signals.map(({ aborted }) => aborted)).toEqual([false, true])
  })
})

describe('what a listener answers later', () => {
  it('finishes in any order and commits only up to the lowest unfinished message', async () => {
    const { put, callOf, committed } = consumingHeld()
    await put(0, 3)

    await callOf(2).end('CONSUME_SUCCESS')
    await callOf(0).end('CONSUME_SUCCESS')
    await callOf(1).end('CONSUME_SUCCESS')

    expect(committed[0]).toEqual([0, 1, 3])
  })

  it('takes a rejection for RECONSUME_LATER', async () => {
    const { put, callOf, committed, sentBack } = consumingHeld()
    await put(0, 1)

    await callOf(0).fail(new Error('a fault of the listener'))

    expect(sentBack).toEqual([{ offset: 0, level: 0, reconsumeTimes: 0 }])
    expect(committed[0]).toEqual([1])
  })

  it('is thrown away when the queue was dropped meanwhile: nothing is committed or sent back', async () => {
    const { put, callOf, committed, sentBack, at } = consumingHeld()
    await put(0, 2)

    at(0).dropped = true
    await callOf(0).end('CONSUME_SUCCESS')
    await callOf(1).end('RECONSUME_LATER')

    expect(committed[0]).toEqual([])
    expect(sentBack).toEqual([])
  })

  it('still counts when the queue was only revoked: it is committed before the next owner asks', async () => {
    const { put, callOf, committed, at } = consumingHeld()
    await put(0, 2)

    at(0).revoke()
    await callOf(0).end('CONSUME_SUCCESS')

    expect(committed[0]).toEqual([1])
  })

  it('stops sending back the rest of a batch once the queue is dropped', async () => {
    const { put, callOf, sentBack, at, committed } = consumingHeld({
      batch: 3,
      sendBack: async () => {
        at(0).dropped = true
      },
    })
    await put(0, 3)

    await callOf(0).end('RECONSUME_LATER')

    expect(sentBack.map(({ offset }) => offset)).toEqual([0])
    expect(committed[0]).toEqual([])
  })
})

describe('ackIndex', () => {
  it.each([
    ['all', 2_147_483_647, [], 3],
    ['the last', 2, [], 3],
    ['the first two', 1, [2], 3],
    ['none', -1, [0, 1, 2], 3],
    ['less than none', -7, [0, 1, 2], 3],
    ['no number', Number.NaN, [0, 1, 2], 3],
    ['half a message', 0.5, [1, 2], 3],
  ])('with %s succeeded sends the others back and finishes all', async (_, ackIndex, back, commit) => {
    for (const answer of [() => 'CONSUME_SUCCESS' as const, () => Promise.resolve('CONSUME_SUCCESS' as const)]) {
      const { put, sentBack, committed, totals, clock } = consuming(
        (_messages, context) => {
          context.ackIndex = ackIndex
          return answer()
        },
        { batch: 3 },
      )
      await put(0, 3)
      await clock.settle()

      expect(sentBack.map(({ offset }) => offset)).toEqual(back)
      expect(committed[0]?.at(-1)).toBe(commit)
      expect(totals()).toEqual({ ok: 3 - back.length, failed: back.length })
    }
  })

  it('means nothing with RECONSUME_LATER', async () => {
    const { put, sentBack } = consuming(
      (_, context) => {
        context.ackIndex = 1
        return 'RECONSUME_LATER'
      },
      { batch: 2 },
    )

    await put(0, 2)

    expect(sentBack.map(({ offset }) => offset)).toEqual([0, 1])
  })
})

describe('a batch', () => {
  it('has at most as many messages as allowed, in order, and never waits for more', async () => {
    const batches: number[][] = []
    const { put } = consuming(
      (messages) => {
        batches.push(messages.map(({ queueOffset }) => queueOffset))
        return 'CONSUME_SUCCESS'
      },
      { batch: 4 },
    )

    await put(0, 10)
    await put(0, 1)

    expect(batches).toEqual([[0, 1, 2, 3], [4, 5, 6, 7], [8, 9], [10]])
  })
})

describe('a retried message', () => {
  it('carries the topic it was first sent to', async () => {
    const topics: string[] = []
    const { service, clock, at } = consuming(
      ([first]) => {
        topics.push(first?.topic ?? '')
        return 'CONSUME_SUCCESS'
      },
      { topic: '%RETRY%g' },
    )
    at(0).put([
      message({ topic: '%RETRY%g', queueOffset: 0, properties: { RETRY_TOPIC: 'orders' } }),
      message({ topic: '%RETRY%g', queueOffset: 1 }),
    ])
    service.submit(at(0))
    await clock.settle()

    expect(topics).toEqual(['orders', '%RETRY%g'])
  })

  it('keeps its topic where another one was only named in a property', async () => {
    const topics: string[] = []
    const { service, clock, at } = consuming(([first]) => {
      topics.push(first?.topic ?? '')
      return 'CONSUME_SUCCESS'
    })
    at(0).put([message({ queueOffset: 0, properties: { RETRY_TOPIC: 'payments' } })])
    service.submit(at(0))
    await clock.settle()

    expect(topics).toEqual(['orders'])
  })
})
