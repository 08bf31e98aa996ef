import { describe, expect, test } from 'vitest'
import { driftOf, planQueue, planTotals } from '../../../../src/core/admin/offsets/reset-plan.ts'

const queue = { topic: 'orders', brokerName: 'a', queueId: 0 }
const plan = (committed: number | undefined, offset: number, bounds = { min: 100, max: 200 }) =>
  planQueue({ queue, ...bounds, committed }, { queue, offset })
const effect = (committed: number | undefined, offset: number) => {
  const { effect: kind, messages, expired } = plan(committed, offset)
  return [kind, messages, expired]
}

describe('a plan for a queue', () => {
  test('replays, skips, or does nothing', () => {
    expect(effect(180, 150)).toEqual(['REPLAY', 30, 0])
    expect(effect(150, 180)).toEqual(['SKIP', 30, 0])
    expect(effect(150, 150)).toEqual(['NOOP', 0, 0])
  })

  test('begins where nothing was committed', () => {
    expect(effect(undefined, 150)).toEqual(['SEED', 0, 0])
  })

  test('tells what is lost from what is skipped', () => {
    expect(effect(40, 100)).toEqual(['EXPIRED', 0, 60])
    expect(effect(40, 130)).toEqual(['SKIP', 30, 60])
  })

  test('counts only messages there are, where a commit lies beyond the end', () => {
    expect(effect(900, 150)).toEqual(['REPLAY', 50, 0])
    expect(effect(900, 200)).toEqual(['REPLAY', 0, 0])
  })
})

test('totals keep replay, skip and lost apart', () => {
  expect(planTotals([plan(180, 150), plan(150, 180), plan(40, 130), plan(undefined, 100), plan(1, 100)])).toEqual({
    replay: 30,
    skip: 60,
    expired: 159,
  })
})

describe('drift', () => {
  test('is how far a queue has moved since the plan was made', () => {
    expect(driftOf([plan(150, 100)], [plan(150, 100)])).toBe(0)
    expect(driftOf([plan(150, 100)], [plan(171, 100)])).toBe(21)
    expect(driftOf([plan(150, 100)], [plan(140, 100)])).toBe(10)
  })

  test('has no bound where a commit has appeared or gone', () => {
    expect(driftOf([plan(undefined, 100)], [plan(150, 100)])).toBe(Number.POSITIVE_INFINITY)
    expect(driftOf([plan(150, 100)], [plan(undefined, 100)])).toBe(Number.POSITIVE_INFINITY)
  })
})
