import { describe, expect, it } from 'vitest'
import type { MessageListenerOrderly } from '../../../../src/core/consumer/consume/message-listener-orderly.ts'
import { consumingInOrder, consumingInOrderHeld } from '../../../support/consuming-in-order.ts'

describe('an orderly call with autoCommit on', () => {
  it.each(['SUCCESS', 'COMMIT', 'ROLLBACK'] as const)('is acknowledged by %s', async (status) => {
    for (const listener of [() => status, () => Promise.resolve(status)]) {
      const { put, committed, totals, warnings } = consumingInOrder(listener)
      await put(0, 3)

      expect(committed[0]?.at(-1)).toBe(3)
      expect(totals()).toEqual({ ok: 3, failed: 0 })
      expect(warnings).toHaveLength(status === 'SUCCESS' ? 0 : 1)
    }
  })

  it.each<[string, MessageListenerOrderly]>([
    ['says SUSPEND_CURRENT_QUEUE_A_MOMENT', () => 'SUSPEND_CURRENT_QUEUE_A_MOMENT'],
    ['rejects', () => Promise.reject(new Error('a fault of the listener'))],
    ['says nothing', (() => undefined) as unknown as MessageListenerOrderly],
    [
      'throws',
      () => {
        throw new Error('a fault of the listener')
      },
    ],
  ])('that %s suspends its queue: nothing later is handed out, and nothing committed', async (_, answer) => {
    const seen: number[] = []
    const { put, committed, clock, totals } = consumingInOrder(([first], context) => {
      seen.push(first?.queueOffset ?? -1)
      return seen.length < 3 ? answer([], context) : 'SUCCESS'
    })
    await put(0, 2)
    await clock.advance(999)
    expect(seen).toEqual([0])

    await clock.advance(1)
    expect(seen).toEqual([0, 0])
    await clock.advance(1000)

    expect(seen).toEqual([0, 0, 0, 1])
    expect(committed[0]?.at(-1)).toBe(2)
    expect(totals()).toEqual({ ok: 2, failed: 2 })
  })

  it('says how often a message has come again', async () => {
    const { put, calls, last, clock } = consumingInOrderHeld()
    await put(0, 1)
    for (let i = 0; i < 3; i++) {
      await last().end('SUSPEND_CURRENT_QUEUE_A_MOMENT')
      await clock.advance(1000)
    }

    expect(calls.map(({ reconsumeTimes }) => reconsumeTimes)).toEqual([[0], [1], [2], [3]])
  })

  it.each([
    [-1, 1000],
    [-2, 10],
    [0, 10],
    [10, 10],
    [250, 250],
    [30_000, 30_000],
    [99_999, 30_000],
    [Number.NaN, 10],
  ])('rests for %d ms as %d ms', async (asked, rests) => {
    const { put, calls, last, clock } = consumingInOrderHeld()
    await put(0, 1)
    last().context.suspendCurrentQueueTimeMillis = asked
    await last().end('SUSPEND_CURRENT_QUEUE_A_MOMENT')

    await clock.advance(rests - 1)
    expect(calls).toHaveLength(1)
    await clock.advance(1)
    expect(calls).toHaveLength(2)
  })

  it('leaves unfinished what it is told to, and hands out nothing more of that queue', async () => {
    const { put, calls, last, committed, totals, clock } = consumingInOrderHeld({ queues: 2 })
    await put(0, 2)
    await last().end('LEAVE_UNFINISHED')
    await put(0, 1)
    await put(1, 1)
    await clock.advance(60_000)

    expect(calls.map(({ queueId }) => queueId)).toEqual([0, 1])
    expect(committed[0]).toEqual([])
    expect(totals()).toEqual({ ok: 0, failed: 0 })
  })

  it('acknowledges the first of a batch, and has the rest come again or leaves it', async () => {
    const { put, calls, last, committed, clock, totals } = consumingInOrderHeld({ batch: 3 })
    await put(0, 5)
    last().context.ackIndex = 0
    await last().end('SUCCESS')
    expect(committed[0]?.at(-1)).toBe(1)
    await clock.advance(1000)
    expect(last().offsets).toEqual([1, 2, 3])

    last().context.ackIndex = 1
    last().context.leaveRest = true
    await last().end('SUCCESS')
    await clock.advance(60_000)

    expect(committed[0]?.at(-1)).toBe(3)
    expect(calls).toHaveLength(2)
    expect(totals()).toEqual({ ok: 3, failed: 2 })
  })
})

describe('an orderly call with autoCommit off', () => {
  const setUp = async (count: number, options = {}) => {
    const all = consumingInOrderHeld(options)
    const end = async (status: Parameters<ReturnType<typeof all.last>['end']>[0]): Promise<void> => {
      all.last().context.autoCommit = false
      await all.last().end(status)
    }
    await all.put(0, count)
    return { ...all, end }
  }

  it('commits nothing by SUCCESS and goes on; COMMIT commits all since', async () => {
    const { end, last, committed, totals, at } = await setUp(3)
    await end('SUCCESS')
    await end('SUCCESS')
    expect(last().offsets).toEqual([2])
    expect(committed[0]).toEqual([])
    expect(at(0).taken).toEqual({ count: 3, min: 0, max: 2 })

    await end('COMMIT')

    expect(committed[0]).toEqual([3])
    expect(at(0).taken.count).toBe(0)
    expect(totals()).toEqual({ ok: 3, failed: 0 })
  })

  it('has all since the last COMMIT come again after ROLLBACK and a rest', async () => {
    const { end, calls, last, committed, clock } = await setUp(3)
    await end('COMMIT')
    await end('SUCCESS')
    last().context.suspendCurrentQueueTimeMillis = 200
    await end('ROLLBACK')
    expect(calls).toHaveLength(3)

    await clock.advance(200)
    expect(last().offsets).toEqual([1])
    expect(last().reconsumeTimes).toEqual([0])
    await end('SUCCESS')
    await end('COMMIT')

    expect(committed[0]).toEqual([1, 3])
  })

  it('has only its own messages come again after SUSPEND_CURRENT_QUEUE_A_MOMENT', async () => {
    const { end, last, committed, clock } = await setUp(2)
    await end('SUCCESS')
    await end('SUSPEND_CURRENT_QUEUE_A_MOMENT')
    await clock.advance(1000)

    expect(last().offsets).toEqual([1])
    expect(last().reconsumeTimes).toEqual([1])
    expect(committed[0]).toEqual([])
  })

  it('goes on after a message that became a dead letter, and commits nothing by that', async () => {
    const { end, last, committed, dead } = await setUp(3, { maxReconsumeTimes: 0 })
    await end('SUCCESS')
    await end('SUSPEND_CURRENT_QUEUE_A_MOMENT')

    expect(dead).toEqual([{ offset: 1, reconsumeTimes: 0 }])
    expect(committed[0]).toEqual([])
    expect(last().offsets).toEqual([2])
    await end('COMMIT')
    expect(committed[0]).toEqual([3])
  })
})

describe('a message that fails too often', () => {
  it('becomes a dead letter, and the queue goes on at once', async () => {
    const seen: number[] = []
    const { put, dead, committed, clock, totals } = consumingInOrder(
      ([first]) => {
        seen.push(first?.queueOffset ?? -1)
        return first?.queueOffset === 0 ? 'SUSPEND_CURRENT_QUEUE_A_MOMENT' : 'SUCCESS'
      },
      { maxReconsumeTimes: 2 },
    )
    await put(0, 2)
    await clock.advance(2000)

    expect(seen).toEqual([0, 0, 0, 1])
    expect(dead).toEqual([{ offset: 0, reconsumeTimes: 2 }])
    expect(committed[0]?.at(-1)).toBe(2)
    expect(totals()).toEqual({ ok: 1, failed: 3 })
  })

  it('comes again when nobody takes it as a dead letter', async () => {
    let refuses = true
    const { put, dead, committed, clock, calls, last } = consumingInOrderHeld({
      maxReconsumeTimes: 0,
      deadLetter: () => (refuses ? Promise.reject(new Error('no broker')) : Promise.resolve()),
    })
    await put(0, 1)
    await last().end('SUSPEND_CURRENT_QUEUE_A_MOMENT')
    expect(dead).toEqual([])
    refuses = false
    await clock.advance(1000)
    expect(calls).toHaveLength(2)
    await last().end('SUSPEND_CURRENT_QUEUE_A_MOMENT')

    expect(dead).toEqual([{ offset: 0, reconsumeTimes: 1 }])
    expect(committed[0]?.at(-1)).toBe(1)
  })

  it('is not sent again with the rest of its batch, in whatever place it was', async () => {
    for (const bad of [0, 1, 2]) {
      const { put, dead, committed, clock, last, at } = consumingInOrderHeld({
        batch: 3,
        maxReconsumeTimes: 1,
        deadLetter: async (message) => {
          if (message.queueOffset !== bad) throw new Error('no broker')
        },
      })
      await put(0, 4)
      await last().end('SUSPEND_CURRENT_QUEUE_A_MOMENT')
      await clock.advance(1000)
      await last().end('SUSPEND_CURRENT_QUEUE_A_MOMENT')
      await clock.advance(1000)
      expect(dead).toEqual([{ offset: bad, reconsumeTimes: 1 }])

      const rest: number[] = []
      while (at(0).backlog.count > 0) {
        rest.push(...last().offsets)
        // What is committed never passes what is unfinished.
        expect(committed[0]?.at(-1) ?? 0).toBeLessThanOrEqual(last().offsets[0] ?? 0)
        await last().end('SUCCESS')
      }

      expect(rest).toEqual([0, 1, 2, 3].filter((offset) => offset !== bad))
      expect(committed[0]?.at(-1)).toBe(4)
    }
  })

  it('becomes one at once when the call says so', async () => {
    const { put, dead, last } = consumingInOrderHeld()
    await put(0, 2)
    last().context.maxReconsumeTimes = 0
    await last().end('SUSPEND_CURRENT_QUEUE_A_MOMENT')

    expect(dead).toEqual([{ offset: 0, reconsumeTimes: 0 }])
    expect(last().offsets).toEqual([1])
  })
})
