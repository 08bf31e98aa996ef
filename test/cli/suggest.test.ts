import { describe, expect, test } from 'vitest'
import { closest, didYouMean } from '../../src/cli/suggest.ts'

const topics = ['orders', 'payments', 'order-events', 'users']

describe('the closest candidate', () => {
  test.each([
    ['ordres', 'orders'],
    ['order', 'orders'],
    ['ORDERS', 'orders'],
    ['paymnt', 'payments'],
    ['user', 'users'],
    ['order-event', 'order-events'],
  ])('to %s is %s', (written, expected) => {
    expect(closest(written, topics)).toBe(expected)
  })

  test.each(['invoices', 'x', ''])('to %j is none', (written) => {
    expect(closest(written, topics)).toBeUndefined()
  })

  test('is the nearest of those that begin alike', () => {
    expect(closest('--formt', ['--for', '--format', '--from'])).toBe('--format')
    expect(closest('topic-26x', ['topic-2', 'topic-26', 'topic-25'])).toBe('topic-26')
  })

  test('is none where there are no candidates', () => {
    expect(closest('orders', [])).toBeUndefined()
  })
})

test('a suggestion names the candidate, and there is none where nothing is near', () => {
  expect(didYouMean('--jsn', ['--json', '--namesrv'])).toEqual(['did you mean --json?'])
  expect(didYouMean('--frobnicate', ['--json'])).toEqual([])
})
