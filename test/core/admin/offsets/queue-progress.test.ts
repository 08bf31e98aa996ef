import { describe, expect, test } from 'vitest'
import { lagOf, type QueueFacts, queueState, stateText } from '../../../../src/core/admin/offsets/queue-progress.ts'

const facts = (change: Partial<QueueFacts>): QueueFacts => ({
  queue: { topic: 'orders', brokerName: 'a', queueId: 0 },
  min: 10,
  max: 100,
  committed: 50,
  inflight: undefined,
  owners: [],
  unreadAgeMs: undefined,
  ...change,
})
const state = (change: Partial<QueueFacts>, why?: string): string => stateText(queueState(facts(change), why))
const owner = (position: number) => ({ clientId: 'c', position, cached: 0, consumedAt: 0 })

describe('the state of a queue', () => {
  test('is ok between its bounds, both included', () => {
    expect([10, 50, 100].map((committed) => state({ committed }))).toEqual(['ok', 'ok', 'ok'])
  })

  test('tells what was removed before it was consumed, and a commit beyond the end', () => {
    expect(state({ committed: 4 })).toBe('expired(6 lost)')
    expect(state({ committed: 600 })).toBe('ahead(500)')
  })

  test('tells nothing committed from nobody answering', () => {
    expect(state({ committed: undefined })).toBe('no-commit')
    expect(state({ committed: undefined }, 'broker-b did not answer')).toBe('unknown(broker-b did not answer)')
  })

  test('is a pending reset while the owner is behind what is committed, and not while it is ahead', () => {
    expect(state({ owners: [owner(40)] })).toBe('reset-pending')
    expect(state({ owners: [owner(50)] })).toBe('ok')
    expect(state({ owners: [owner(70)] })).toBe('ok')
    expect(state({ owners: [owner(40), owner(60)] })).toBe('ok')
  })
})

describe('lag', () => {
  test('counts what can still be consumed', () => {
    expect(lagOf({ min: 10, max: 100, committed: 50 })).toBe(50)
    expect(lagOf({ min: 10, max: 100, committed: 4 })).toBe(90)
  })

  test('is never negative, and nothing where something is unknown', () => {
    expect(lagOf({ min: 10, max: 100, committed: 600 })).toBe(0)
    expect(lagOf({ min: 10, max: 100, committed: undefined })).toBeUndefined()
    expect(lagOf({ min: undefined, max: undefined, committed: 3 })).toBeUndefined()
  })
})
