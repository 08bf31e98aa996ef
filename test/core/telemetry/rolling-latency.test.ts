import { expect, test } from 'vitest'
import { RollingLatency } from '../../../src/core/telemetry/index.ts'

test('nothing recorded has no percentiles', () => {
  expect(new RollingLatency().latency).toBeNull()
})

test('percentiles are right to 9 %, the maximum is exact', () => {
  const rolling = new RollingLatency()
  for (let millis = 1; millis <= 1000; millis++) rolling.record(millis)

  const { latency } = rolling
  expect(latency?.max).toBe(1000)
  for (const [name, exact] of [
    ['p50', 500],
    ['p95', 950],
    ['p99', 990],
  ] as const) {
    expect(Math.abs((latency?.[name] ?? 0) / exact - 1)).toBeLessThan(0.09)
  }
})

test('calls of no time, and of hours, have their places', () => {
  const rolling = new RollingLatency()
  rolling.record(0, 9)
  expect(rolling.latency).toEqual({ p50: 0, p95: 0, p99: 0, max: 0 })
  rolling.record(86_400_000)

  expect(rolling.latency?.p50).toBe(0.01)
  expect(rolling.latency?.max).toBe(86_400_000)
})

test('what is six spans old is forgotten, and its maximum with it', () => {
  const rolling = new RollingLatency()
  rolling.record(1000, 50)
  rolling.roll()
  rolling.record(10, 50)
  expect(rolling.latency?.max).toBe(1000)
  expect(rolling.latency?.p50).toBeCloseTo(10, 0)

  for (let i = 0; i < 5; i++) rolling.roll()
  expect(rolling.latency?.max).toBe(10)
  expect(rolling.latency?.p99).toBeCloseTo(10, 0)
  rolling.roll()
  expect(rolling.latency).toBeNull()
})
