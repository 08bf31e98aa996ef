import { describe, expect, it } from 'vitest'
import { consumingInOrder, consumingInOrderHeld } from '../../../support/consuming-in-order.ts'

describe('the queues of an orderly consumer', () => {
  it('have one call each at a time, in the order of offsets', async () => {
    const { put, calls, last } = consumingInOrderHeld({ queues: 2 })
    await put(0, 3)
    await put(1, 3)
    expect(calls.map(({ queueId, offsets }) => [queueId, ...offsets])).toEqual([
      [0, 0],
      [1, 0],
    ])
    await calls[0]?.end('SUCCESS')

    expect([last().queueId, ...last().offsets]).toEqual([0, 1])
    expect(calls).toHaveLength(3)
  })

  it('take turns when there are more of them than calls', async () => {
    const { put, calls, last, service } = consumingInOrderHeld({ queues: 4, concurrency: 2 })
    for (const queueId of [0, 1, 2, 3]) await put(queueId, 2)
    expect(service.inFlight).toBe(2)
    for (let i = 0; i < 6; i++) await calls[i]?.end('SUCCESS')

    expect(calls.map(({ queueId }) => queueId)).toEqual([0, 1, 2, 3, 0, 1, 2, 3])
    expect(last().offsets).toEqual([1])
  })

  it('take turns with a listener that answers at once', async () => {
    const seen: number[] = []
    const { at, put, service, clock } = consumingInOrder(
      (_, { messageQueue }) => {
        if (seen.at(-1) !== messageQueue.queueId) seen.push(messageQueue.queueId)
        return 'SUCCESS'
      },
      { queues: 2 },
    )
    service.concurrency = 1
    await Promise.all([put(0, 100), put(1, 100)])
    await clock.settle()

    expect(seen.length).toBeGreaterThan(4)
    expect([at(0).backlog.count, at(1).backlog.count]).toEqual([0, 0])
    expect(clock.pending).toBe(0)
  })

  it('have more calls as soon as more are allowed', async () => {
    const { put, calls, service, clock } = consumingInOrderHeld({ queues: 3, concurrency: 1 })
    for (const queueId of [0, 1, 2]) await put(queueId, 1)
    expect(calls).toHaveLength(1)

    service.concurrency = 3
    await clock.settle()

    expect(calls).toHaveLength(3)
    expect(service.describe()).toContain('listener calls in flight: 3 of 3\norders broker-a:0 offsets 0–0 running for')
  })

  it('that are suspended do not keep the others from going on', async () => {
    const { put, calls } = consumingInOrderHeld({ queues: 2, concurrency: 1 })
    await put(0, 1)
    await put(1, 1)
    await calls[0]?.end('SUSPEND_CURRENT_QUEUE_A_MOMENT')

    expect(calls.map(({ queueId }) => queueId)).toEqual([0, 1])
  })
})

describe('without its lock a queue', () => {
  it('has no further call once 30 s have passed since the last renewal, until it is renewed', async () => {
    const { put, calls, last, clock, at } = consumingInOrderHeld()
    await put(0, 2)
    await clock.advance(30_000)
    await last().end('SUCCESS')
    expect(calls).toHaveLength(2)

    await clock.advance(1)
    await last().end('SUCCESS')
    await put(0, 1)
    expect(calls).toHaveLength(2)
    at(0).lease?.confirm(clock.monotonic())
    await clock.settle()

    expect(last().offsets).toEqual([2])
  })

  it('is not committed by a call that ends when that is in doubt, before it is certain', async () => {
    const { put, last, clock, at, committed, calls } = consumingInOrderHeld()
    await put(0, 2)
    await clock.advance(30_001)
    await last().end('SUCCESS')
    expect(committed[0]).toEqual([])
    expect(calls).toHaveLength(1)

    at(0).lease?.confirm(clock.monotonic())
    await clock.settle()

    expect(committed[0]).toEqual([1])
    expect(last().offsets).toEqual([1])
  })

  it.each(['SUCCESS', 'SUSPEND_CURRENT_QUEUE_A_MOMENT', 'COMMIT'] as const)(
    'counts nothing of a running call that says %s, and tells it by its signal',
    async (status) => {
      const { put, last, clock, at, committed, calls, dead, outcomes } = consumingInOrderHeld({ maxReconsumeTimes: 0 })
      await put(0, 2)
      const { signal } = last().context
      expect(signal.aborted).toBe(false)

      at(0).lease?.lose()
      expect(signal.aborted).toBe(true)
      expect(await last().context.confirmLock()).toBe(false)
      await last().end(status)
      await clock.advance(60_000)

      expect([committed[0], dead, outcomes]).toEqual([[], [], []])
      expect(calls).toHaveLength(1)
    },
  )

  it('counts nothing of a listener that blocked the process for too long', async () => {
    const { put, committed, clock, at } = consumingInOrder(() => {
      at(0).lease?.lose()
      return 'SUCCESS'
    })
    await put(0, 2)
    await clock.settle()

    expect(committed[0]).toEqual([])
    expect(at(0).backlog.count).toBe(2)
  })

  it('stops sending the rest of a batch to the dead letters', async () => {
    const { put, last, at, dead, committed, calls, clock } = consumingInOrderHeld({
      batch: 3,
      maxReconsumeTimes: 0,
      deadLetter: async () => {
        at(0).dropped = true
      },
    })
    await put(0, 3)
    await last().end('SUSPEND_CURRENT_QUEUE_A_MOMENT')
    await clock.advance(60_000)

    expect(dead.map(({ offset }) => offset)).toEqual([0])
    expect(committed[0]).toEqual([])
    expect(calls).toHaveLength(1)
  })

  it('that is taken again waits for the call that still runs from before', async () => {
    const { put, calls, retake, committed } = consumingInOrderHeld()
    await put(0, 2)
    retake(0)
    await put(0, 2)
    expect(calls).toHaveLength(1)

    await calls[0]?.end('SUCCESS')
    expect(committed[0]).toEqual([])
    await calls[1]?.end('SUCCESS')

    expect(calls.map(({ offsets }) => offsets)).toEqual([[0], [0], [1]])
    expect(committed[0]).toEqual([1])
  })
})

describe('an orderly consumer that needs no locks', () => {
  it('consumes in order all the same', async () => {
    const { put, calls, last, clock } = consumingInOrderHeld({ locked: false })
    await put(0, 2)
    await clock.advance(300_000)
    await last().end('SUCCESS')

    expect(calls.map(({ offsets }) => offsets)).toEqual([[0], [1]])
    expect(last().context.signal.aborted).toBe(false)
    expect(await last().context.confirmLock()).toBe(true)
  })
})

describe('the end of an orderly consumer', () => {
  it('waits for running calls, which still count, and leaves no timer', async () => {
    const { put, calls, service, clock, committed } = consumingInOrderHeld({ queues: 2 })
    await put(0, 2)
    await put(1, 2)
    await calls[1]?.end('SUSPEND_CURRENT_QUEUE_A_MOMENT')
    service.stop()
    const drained = service.drained(5000)
    await calls[0]?.end('SUCCESS')

    expect(await drained).toBe(true)
    expect(committed[0]).toEqual([1])
    expect(calls).toHaveLength(2)
    expect(clock.pending).toBe(0)
  })

  it('does not wait for longer than it should', async () => {
    const { put, service, clock, at } = consumingInOrderHeld({ queues: 2 })
    await put(0, 1)
    const one = service.drained(5000, at(0))
    expect(await service.drained(5000, at(1))).toBe(true)
    await clock.advance(5000)

    expect(await one).toBe(false)
    await service.expire()
    expect(clock.pending).toBe(0)
  })

  it('forgets the rest of a queue that is given up', async () => {
    const { put, last, service, clock, at } = consumingInOrderHeld()
    await put(0, 1)
    await last().end('SUSPEND_CURRENT_QUEUE_A_MOMENT')
    expect(clock.pending).toBe(1)

    at(0).revoke()
    service.heldQueuesChanged()

    expect(clock.pending).toBe(0)
  })
})
