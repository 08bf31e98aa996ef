import { describe, expect, it } from 'vitest'
import type {
  ConsumeOrderlyAnswer,
  ConsumeOrderlyContext,
  ConsumeOrderlyStatus,
} from '../../../../src/core/consumer/consume/message-listener-orderly.ts'
import { consumingInOrder, type InOrderOptions } from '../../../support/consuming-in-order.ts'

interface Handed {
  readonly offsets: readonly number[]
  readonly reconsumeTimes: number
  readonly context: ConsumeOrderlyContext
}

/** A listener that hands on, unless a test has put its answer to an offset. */
function handingOn(options: InOrderOptions = {}) {
  const handed: Handed[] = []
  const answers = new Map<number, ConsumeOrderlyAnswer | Promise<ConsumeOrderlyAnswer>>()
  const all = consumingInOrder((messages, context) => {
    const offsets = messages.map(({ queueOffset }) => queueOffset)
    handed.push({ offsets, reconsumeTimes: messages[0]?.reconsumeTimes ?? -1, context })
    return answers.get(offsets[0] ?? -1) ?? 'ACKNOWLEDGE_LATER'
  }, options)
  const acknowledge = async (index: number, status: ConsumeOrderlyStatus = 'SUCCESS'): Promise<void> => {
    handed[index]?.context.acknowledge(status)
    await all.clock.settle()
  }
  const offsets = (): number[] => handed.flatMap((each) => each.offsets)
  return { ...all, handed, answers, acknowledge, offsets }
}

describe('an orderly call that is acknowledged later', () => {
  it('lets the next messages of its queue come at once, in order, and takes none of the calls', async () => {
    const { put, offsets, service, committed } = handingOn({ concurrency: 1 })
    await put(0, 100)

    expect(offsets()).toEqual(Array.from({ length: 100 }, (_, offset) => offset))
    expect(service.inFlight).toBe(0)
    expect(service.describe()).toBe('listener calls in flight: 0 of 1\ncalls to be acknowledged: 100')
    expect(committed[0]).toEqual([])
  })

  it('is committed when all before it are acknowledged as well', async () => {
    const { put, acknowledge, committed, totals, clock, at } = handingOn()
    await put(0, 4)
    await acknowledge(2)
    await acknowledge(1)
    expect(committed[0]).toEqual([])
    expect(totals()).toEqual({ ok: 0, failed: 0 })

    await acknowledge(0)
    expect(committed[0]).toEqual([3])
    await acknowledge(3, 'COMMIT')

    expect(committed[0]).toEqual([3, 4])
    expect(totals()).toEqual({ ok: 4, failed: 0 })
    expect([at(0).backlog.count, clock.pending]).toEqual([0, 0])
  })

  it('may be acknowledged before it has answered, and only once', async () => {
    const { put, committed, totals } = consumingAcknowledged()
    await put(0, 3)

    expect(committed[0]).toEqual([3])
    expect(totals()).toEqual({ ok: 3, failed: 0 })
  })

  it('is waited for by one that has succeeded at once, but does not hold it up', async () => {
    const { put, acknowledge, answers, offsets, committed } = handingOn()
    answers.set(1, 'SUCCESS')
    await put(0, 3)
    expect(offsets()).toEqual([0, 1, 2])
    expect(committed[0]).toEqual([])

    await acknowledge(0)

    expect(committed[0]).toEqual([2])
  })

  it('can hand on after a while: until then the queue has no other call', async () => {
    const { put, acknowledge, answers, offsets, committed, clock } = handingOn()
    answers.set(
      1,
      clock.sleep(50).then(() => 'ACKNOWLEDGE_LATER' as const),
    )
    await put(0, 3)
    expect(offsets()).toEqual([0, 1])

    await clock.advance(50)
    expect(offsets()).toEqual([0, 1, 2])
    for (const index of [0, 1, 2]) await acknowledge(index)

    expect(committed[0]?.at(-1)).toBe(3)
  })

  it('holds its queue up where not simply all of it is to be committed', async () => {
    const { put, acknowledge, handed, committed, clock } = handingOnPartly()
    await put(0, 6)
    expect(handed.map((each) => each.offsets)).toEqual([[0, 1, 2]])
    await acknowledge(0)
    expect(committed[0]?.at(-1)).toBe(1)
    await clock.advance(1000)

    expect(handed.map((each) => each.offsets)).toEqual([
      [0, 1, 2],
      [1, 2, 3],
    ])
  })
})

/** Every message is acknowledged by its own call, twice. */
function consumingAcknowledged() {
  return consumingInOrder((_, context) => {
    context.acknowledge('SUCCESS')
    context.acknowledge('SUSPEND_CURRENT_QUEUE_A_MOMENT')
    return 'ACKNOWLEDGE_LATER'
  })
}

function handingOnPartly() {
  const handed: Handed[] = []
  const all = consumingInOrder(
    (messages, context) => {
      handed.push({ offsets: messages.map(({ queueOffset }) => queueOffset), reconsumeTimes: 0, context })
      context.ackIndex = 0
      return 'ACKNOWLEDGE_LATER'
    },
    { batch: 3 },
  )
  const acknowledge = async (index: number): Promise<void> => {
    handed[index]?.context.acknowledge('SUCCESS')
    await all.clock.settle()
  }
  return { ...all, handed, acknowledge }
}

describe('a failure that is acknowledged later', () => {
  it('has all that was handed on after it come again, in order, after a rest', async () => {
    const { put, acknowledge, offsets, handed, committed, clock, totals } = handingOn()
    await put(0, 4)
    await acknowledge(0)
    await acknowledge(2)
    await acknowledge(1, 'SUSPEND_CURRENT_QUEUE_A_MOMENT')
    await acknowledge(3)
    await put(0, 1)
    expect(handed.map(({ context }) => context.isCurrent)).toEqual([true, true, false, false])
    expect(committed[0]?.at(-1)).toBe(1)

    await clock.advance(999)
    expect(offsets()).toEqual([0, 1, 2, 3])
    await clock.advance(1)
    expect(offsets()).toEqual([0, 1, 2, 3, 1, 2, 3, 4])
    expect(handed.slice(4).map(({ reconsumeTimes }) => reconsumeTimes)).toEqual([1, 0, 0, 0])
    for (const index of [4, 5, 6, 7]) await acknowledge(index)

    expect(committed[0]?.at(-1)).toBe(5)
    expect(totals()).toEqual({ ok: 5, failed: 1 })
  })

  it('counts only when all before it have succeeded', async () => {
    const { put, acknowledge, offsets, committed, clock, totals } = handingOn()
    await put(0, 3)
    await acknowledge(1, 'SUSPEND_CURRENT_QUEUE_A_MOMENT')
    await clock.advance(20_000)
    expect([offsets(), totals()]).toEqual([[0, 1, 2], { ok: 0, failed: 0 }])

    await acknowledge(0)
    await clock.advance(1000)

    expect(offsets()).toEqual([0, 1, 2, 1, 2])
    expect(committed[0]?.at(-1)).toBe(1)
    expect(totals()).toEqual({ ok: 1, failed: 1 })
  })

  it('becomes a dead letter when it fails too often, and the queue goes on with what comes after it', async () => {
    const { put, acknowledge, offsets, committed, dead } = handingOn({ maxReconsumeTimes: 0 })
    await put(0, 3)
    await acknowledge(0, 'SUSPEND_CURRENT_QUEUE_A_MOMENT')

    expect(dead).toEqual([{ offset: 0, reconsumeTimes: 0 }])
    expect(offsets()).toEqual([0, 1, 2, 1, 2])
    expect(committed[0]?.at(-1)).toBe(1)
  })

  it('ends its queue when it is left unfinished: nothing of it is handed out or committed any more', async () => {
    const { put, acknowledge, offsets, committed, clock, service } = handingOn()
    await put(0, 3)
    await acknowledge(0)
    await acknowledge(1, 'LEAVE_UNFINISHED')
    await acknowledge(2)
    await put(0, 1)
    await clock.advance(60_000)

    expect(offsets()).toEqual([0, 1, 2])
    expect(committed[0]?.at(-1)).toBe(1)
    expect(await service.drained(0)).toBe(true)
  })

  it('of a call that answers at once waits for those before it, and of these the first one that failed decides', async () => {
    const { put, acknowledge, answers, offsets, committed, clock } = handingOn()
    answers.set(2, 'SUSPEND_CURRENT_QUEUE_A_MOMENT')
    await put(0, 4)
    await clock.advance(5000)
    expect(offsets()).toEqual([0, 1, 2])
    await acknowledge(0)
    await acknowledge(1, 'SUSPEND_CURRENT_QUEUE_A_MOMENT')
    answers.clear()
    await clock.advance(1000)

    expect(offsets()).toEqual([0, 1, 2, 1, 2, 3])
    expect(committed[0]?.at(-1)).toBe(1)
  })

  it('waits for a call of its queue that still runs, of which then nothing counts', async () => {
    const { put, acknowledge, answers, offsets, committed, clock, totals } = handingOn()
    answers.set(
      1,
      clock.sleep(5000).then(() => 'SUCCESS' as const),
    )
    await put(0, 3)
    await acknowledge(0, 'SUSPEND_CURRENT_QUEUE_A_MOMENT')
    await clock.advance(4999)
    expect(offsets()).toEqual([0, 1])
    answers.clear()
    await clock.advance(1)
    await clock.advance(1000)

    expect(offsets()).toEqual([0, 1, 0, 1, 2])
    expect(committed[0] ?? []).not.toContain(2)
    expect(totals()).toEqual({ ok: 0, failed: 1 })
  })

  it('leaves the other queues alone', async () => {
    const { put, acknowledge, handed, committed } = handingOn({ queues: 2 })
    await put(0, 1)
    await put(1, 2)
    await acknowledge(0, 'SUSPEND_CURRENT_QUEUE_A_MOMENT')
    await acknowledge(1)
    await put(1, 1)

    expect(handed.at(-1)?.context.messageQueue.queueId).toBe(1)
    expect(committed[1]).toEqual([1])
  })
})

describe('without its lock what was handed on', () => {
  it('counts for nothing, whatever is said of it later', async () => {
    const { put, acknowledge, handed, committed, offsets, outcomes, at, service, clock } = handingOn()
    await put(0, 3)
    await acknowledge(1)
    at(0).lease?.lose()
    expect(handed.map(({ context }) => context.isCurrent)).toEqual([false, false, false])
    await acknowledge(0)
    await acknowledge(2, 'SUSPEND_CURRENT_QUEUE_A_MOMENT')
    await clock.advance(60_000)

    expect([committed[0], outcomes]).toEqual([[], []])
    expect(offsets()).toEqual([0, 1, 2])
    expect(await service.drained(0)).toBe(true)
  })

  it('counts when it is certain that the lock is still ours, and not before', async () => {
    const { put, acknowledge, handed, committed, at, clock, offsets } = handingOn()
    await put(0, 2)
    await clock.advance(30_001)
    expect(handed[0]?.context.isCurrent).toBe(false)
    await acknowledge(0)
    await acknowledge(1)
    await put(0, 1)
    expect([committed[0], offsets()]).toEqual([[], [0, 1]])

    at(0).lease?.confirm(clock.monotonic())
    await clock.settle()

    expect(handed[0]?.context.isCurrent).toBe(true)
    expect(committed[0]).toEqual([2])
    expect(offsets()).toEqual([0, 1, 2])
  })

  it('does not keep a queue that was taken again from going on', async () => {
    const { put, acknowledge, handed, committed, retake, service } = handingOn()
    await put(0, 2)
    retake(0)
    service.heldQueuesChanged()
    await put(0, 2)
    expect(handed.map((each) => each.offsets)).toEqual([[0], [1], [0], [1]])
    await acknowledge(0)
    await acknowledge(1)
    expect(committed[0]).toEqual([])
    await acknowledge(2)

    expect(committed[0]).toEqual([1])
  })

  it('lets a call go that waited for it', async () => {
    const { put, answers, handed, retake, service, clock } = handingOn()
    answers.set(1, 'SUSPEND_CURRENT_QUEUE_A_MOMENT')
    await put(0, 2)
    retake(0)
    answers.clear()
    await put(0, 1)
    expect(handed).toHaveLength(2)
    service.heldQueuesChanged()
    await clock.settle()

    expect(handed.map((each) => each.offsets)).toEqual([[0], [1], [0]])
  })
})

describe('the end of an orderly consumer that hands on', () => {
  it('waits for what is to be acknowledged, which still counts', async () => {
    const { put, acknowledge, service, committed, at, clock } = handingOn({ queues: 2 })
    await put(0, 2)
    at(0).revoke()
    service.stop()
    const drained = [service.drained(5000), service.drained(5000, at(0))]
    expect(await service.drained(5000, at(1))).toBe(true)
    await acknowledge(0)
    await acknowledge(1)

    expect(await Promise.all(drained)).toEqual([true, true])
    expect(committed[0]?.at(-1)).toBe(2)
    expect(clock.pending).toBe(0)
  })

  it('does not wait for longer than it should', async () => {
    const { put, service, clock } = handingOn()
    await put(0, 1)
    const drained = service.drained(5000)
    await clock.advance(5000)

    expect(await drained).toBe(false)
    expect(clock.pending).toBe(0)
  })
})
