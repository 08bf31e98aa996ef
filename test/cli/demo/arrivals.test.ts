import { describe, expect, it } from 'vitest'
import { Arrivals } from '../../../src/cli/demo/arrivals.ts'

describe('arrivals of a numbered series', () => {
  it('count each number once, in whatever order they come', () => {
    const arrivals = new Arrivals()

    for (const number of [2, 0, 1, 5, 0, 5, 3]) arrivals.add(number)

    expect(arrivals).toMatchObject({ count: 5, again: 2 })
  })
})
