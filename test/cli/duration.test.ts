import { describe, expect, test } from 'vitest'
import { formatDuration, parseDuration } from '../../src/cli/duration.ts'
import { UsageError } from '../../src/core/errors.ts'

describe('a duration is read', () => {
  test.each([
    ['0', 0],
    ['100ms', 100],
    ['10s', 10_000],
    ['2m', 120_000],
    ['1.5h', 5_400_000],
    ['1d3h', 97_200_000],
    ['1w', 604_800_000],
    [' 5S ', 5000],
  ])('%s is %d ms', (text, millis) => {
    expect(parseDuration(text)).toBe(millis)
  })

  test.each(['', '10', '-1s', 's', '1x', '10 s', '1e3s', '1s!', 'NaNs'])('%j is refused with examples', (text) => {
    expect(() => parseDuration(text)).toThrow(UsageError)
    expect(() => parseDuration(text)).toThrow(`'${text}' is not a duration`)
  })

  test('longer than a timer may run is refused', () => {
    expect(() => parseDuration('30d')).toThrow('at most 24d')
  })
})

test.each([
  [0, '0 ms'],
  [340.4, '340 ms'],
  [2500, '2.5 s'],
  [59_999, '60 s'],
  [200_000, '3 min 20 s'],
  [3_600_000, '1 h'],
  [3_900_000, '1 h 5 min'],
  [273_600_000, '3 d 4 h'],
])('%d ms is shown as %s', (millis, text) => {
  expect(formatDuration(millis)).toBe(text)
})
