import { describe, expect, it } from 'vitest'
import { Backoff } from '../../../src/core/support/index.ts'

describe('Backoff', () => {
  it('doubles up to its limit, stays there, and starts over after a success', () => {
    const backoff = new Backoff(100, 1000)
    expect([1, 2, 3, 4, 5, 6].map(() => backoff.next())).toEqual([100, 200, 400, 800, 1000, 1000])

    backoff.reset()

    expect(backoff.next()).toBe(100)
  })

  it('never waits longer than its limit, even at first', () => {
    expect(new Backoff(500, 200).next()).toBe(200)
  })
})
