import { describe, expect, it } from 'vitest'
import { committedLine, isPast, ownedLine, queueRanges } from '../../../src/cli/consume/owned-queues.ts'
import type { HeldQueue } from '../../../src/core/consumer/index.ts'
import { queueKey } from '../../../src/core/protocol/index.ts'

const queue = (brokerName: string, queueId: number) => ({ topic: 'orders', brokerName, queueId })

interface State {
  readonly count?: number
  readonly lowest?: number
  readonly nextOffset?: number
  readonly caughtUp?: boolean
  readonly committed?: boolean
  readonly start?: number
}

function held(queueId: number, state: State): HeldQueue {
  return {
    messageQueue: queue('broker-a', queueId),
    processQueue: { backlog: { count: state.count ?? 0 }, bounds: { min: state.lowest ?? 0, max: 0 } },
    pullLoop: { nextOffset: state.nextOffset ?? 0, caughtUp: state.caughtUp ?? false },
    start: { offset: state.start ?? 0, committed: state.committed ?? false },
    releasing: false,
  } as unknown as HeldQueue
}

describe('queues for people', () => {
  it('are told by broker, in ranges', () => {
    const queues = [3, 0, 1, 2, 7].map((id) => queue('broker-a', id))

    expect(queueRanges([...queues, queue('broker-b', 0)])).toBe('broker-a:0-3,7 broker-b:0')
    expect(ownedLine('orders', queues)).toBe('owning 5 queues of orders: broker-a:0-3,7')
    expect(ownedLine('orders', [queue('b', 4)])).toBe('owning 1 queue of orders: b:4')
    expect(ownedLine('orders', [])).toMatch(/^owning no queue of orders: other members/)
  })

  it('say where --from did not count', () => {
    const some = [held(0, { committed: true, start: 7 }), held(1, {})]

    expect(committedLine('first', 'g', some)).toBe(
      '--from first did not count in 1 of 2 queues: g has committed offsets there and goes on from them',
    )
    expect(committedLine('first', 'g', [held(0, { committed: true, start: 7 })])).toMatch(/in 1 of 1 queue:/)
    expect(committedLine('=5', 'g', [held(0, { committed: true })])).toMatch(/in 1 of 1 queue:/)
    // A broker before 5.0 says 0 of every new group.
    expect(committedLine('earliest', 'g', [held(0, { committed: true })])).toBeUndefined()
    expect(committedLine('first', 'g', [held(0, {})])).toBeUndefined()
  })
})

describe('being past the end', () => {
  const ends = new Map([[queueKey(queue('broker-a', 0)), 10]])
  const past = (...queues: HeldQueue[]): boolean => isPast(queues, (of) => ends.get(queueKey(of)))

  it('means that nothing below it is unfinished', () => {
    expect(past(held(0, { nextOffset: 10 }))).toBe(true)
    expect(past(held(0, { nextOffset: 9 }))).toBe(false)
    expect(past(held(0, { nextOffset: 30, count: 5, lowest: 9 }))).toBe(false)
    expect(past(held(0, { nextOffset: 30, count: 5, lowest: 10 }))).toBe(true)
  })

  it('means being caught up where no end is named', () => {
    expect(past(held(0, { nextOffset: 10 }), held(1, { caughtUp: false }))).toBe(false)
    expect(past(held(0, { nextOffset: 10 }), held(1, { caughtUp: true }))).toBe(true)
  })
})
