import { describe, expect, it, vi } from 'vitest'
import { firstStored } from '../../../src/core/client/first-stored.ts'

/** A queue whose messages from `min` on were stored at these times. */
function queue(times: readonly number[], min = 0) {
  return vi.fn((offset: number) => Promise.resolve(offset < min ? undefined : times[offset - min]))
}

describe('the first message stored at or after a time', () => {
  const times = [10, 20, 20, 20, 20, 30, 40]

  it.each([
    ['the message before it', 0, 15, 1],
    ['the message after it', 1, 15, 1],
    ['the last of several of that time', 4, 20, 1],
    ['one of several of that time', 2, 20, 1],
    ['the first of several of that time', 1, 20, 1],
    ['the first message', 0, 10, 0],
    ['the first message, for a time before all', 0, 1, 0],
    ['the last message, for a time after all', 6, 50, 7],
    ['the only one of that time', 5, 30, 5],
  ])('is found from %s', async (_, near, timestamp, first) => {
    expect(await firstStored(near, timestamp, queue(times))).toBe(first)
  })

  it('is not looked for among messages that are gone', async () => {
    expect(await firstStored(102, 20, queue([20, 20, 20, 30], 100))).toBe(100)
  })

  it('is what the broker says when it has no message there', async () => {
    expect(await firstStored(7, 20, queue(times))).toBe(7)
  })

  it('is found in few steps among very many of one time', async () => {
    const storedAt = queue([...new Array<number>(50).fill(1), ...new Array<number>(100_000).fill(2)])

    expect(await firstStored(99_000, 2, storedAt)).toBe(50)
    expect(storedAt.mock.calls.length).toBeLessThan(40)
  })
})
