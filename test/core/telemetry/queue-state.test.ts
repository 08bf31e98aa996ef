import { expect, test } from 'vitest'
import { type QueueFacts, queuePressure, queueState } from '../../../src/core/telemetry/index.ts'

const limits = { count: 1000, bytes: 1000, span: 2000 }
const flowing: QueueFacts = {
  owners: ['a'],
  lag: 40,
  cached: 32,
  cachedBytes: 320,
  span: 31,
  inflight: 20,
  headSince: 99_900,
  locked: null,
  paused: false,
  lastPull: 99_990,
  limits,
  asOf: 100_000,
}

test('a queue that flows is OK', () => {
  expect(queueState(flowing)).toBe('OK')
  expect(queueState({ ...flowing, lag: 0, cached: 0, cachedBytes: 0, span: 0, inflight: 0, headSince: null })).toBe(
    'OK',
  )
})

test('messages that have waited for a second, or fill half of a limit, make it BUSY', () => {
  expect(queueState({ ...flowing, headSince: 99_000 })).toBe('BUSY')
  expect(queueState({ ...flowing, cached: 500 })).toBe('BUSY')
  expect(queueState({ ...flowing, saturated: true })).toBe('BUSY')
  expect(queueState({ ...flowing, saturated: true, inflight: 32 })).toBe('OK')
  expect(queueState({ ...flowing, inflight: 32, headSince: 99_000 })).toBe('OK')
  expect(queueState({ ...flowing, inflight: null, headSince: null, span: 1500 })).toBe('BUSY')
})

test('a passed limit, or the word of the owner that it waits for room, is FLOW', () => {
  expect(queueState({ ...flowing, cached: 1001 })).toBe('FLOW')
  expect(queueState({ ...flowing, cached: 1000 })).toBe('BUSY')
  expect(queueState({ ...flowing, cached: 950, heldBack: true })).toBe('FLOW')
  expect(queueState({ ...flowing, cached: 1001, heldBack: false })).toBe('BUSY')
})

test('a head that has not moved for a minute is BLOCK, whatever the limits say', () => {
  expect(queueState({ ...flowing, headSince: 40_000, cached: 1001, lag: 2000 })).toBe('BLOCK')
  expect(queueState({ ...flowing, headSince: 40_000, cached: 0 })).toBe('OK')
})

test('something to read that nobody has pulled for a minute is STALL', () => {
  expect(queueState({ ...flowing, lastPull: 40_000 })).toBe('STALL')
  expect(queueState({ ...flowing, lastPull: 40_000, lag: 32 })).toBe('OK')
  expect(queueState({ ...flowing, lastPull: 40_000, cached: 1001, lag: 2000 })).toBe('FLOW')
})

test('owners, answers, locks and pauses come before how busy it is', () => {
  expect(queueState({ ...flowing, owners: [], cached: null })).toBe('NOOWNER')
  expect(queueState({ ...flowing, owners: ['a', 'b'] })).toBe('TWOOWNERS')
  expect(queueState({ ...flowing, cached: null })).toBe('UNKNOWN')
  expect(queueState({ ...flowing, lag: null })).toBe('UNKNOWN')
  expect(queueState({ ...flowing, locked: false, paused: true })).toBe('NOLOCK')
  expect(queueState({ ...flowing, paused: true, lastPull: 0 })).toBe('PAUSED')
})

test('the pressure names the limit that will bite first, and may pass 1', () => {
  expect(queuePressure(flowing)).toEqual({ limit: 'bytes', used: 0.32 })
  expect(queuePressure({ ...flowing, span: 3000 })).toEqual({ limit: 'span', used: 1.5 })
  expect(queuePressure({ ...flowing, span: 3000, limits: { ...limits, span: null } })).toMatchObject({ limit: 'bytes' })
  expect(queuePressure({ ...flowing, cachedBytes: null, span: null })).toEqual({ limit: 'count', used: 0.032 })
  expect(queuePressure({ ...flowing, limits: null })).toBeNull()
  expect(queuePressure({ ...flowing, cached: null, cachedBytes: null, span: null })).toBeNull()
})
