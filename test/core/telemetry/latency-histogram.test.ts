import { expect, test } from 'vitest'
import { LatencyHistogram } from '../../../src/core/telemetry/index.ts'

test('nothing recorded has no percentiles', () => {
  expect(new LatencyHistogram().latency).toBeNull()
})

test('percentiles are right to 9 %, the maximum is exact', () => {
  const histogram = new LatencyHistogram()
  for (let millis = 1; millis <= 1000; millis++) histogram.record(millis)

  const latency = histogram.latency
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
  const histogram = new LatencyHistogram()
  histogram.record(0, 9)
  histogram.record(86_400_000)

  expect(histogram.latency?.p50).toBe(0.01)
  expect(histogram.latency?.max).toBe(86_400_000)
  histogram.clear()
  expect(histogram.latency).toBeNull()
})

test('what others counted is added, and no percentile passes the maximum', () => {
  const [one, other] = [new LatencyHistogram(), new LatencyHistogram()]
  one.record(10, 50)
  other.record(100, 50)
  one.add(other)

  expect(one.latency?.p50).toBeCloseTo(10, 0)
  expect(one.latency?.p99).toBeLessThanOrEqual(100)
  expect(one.latency?.max).toBe(100)
})
