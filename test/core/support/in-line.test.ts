import { describe, expect, it } from 'vitest'
import { inLine } from '../../../src/core/support/index.ts'

describe('inLine', () => {
  it('does so many jobs at a time, and gives the results in the order of the items', async () => {
    const begun: number[] = []
    const ends: (() => void)[] = []
    const done = inLine(2, [0, 1, 2, 3], async (item) => {
      begun.push(item)
      await new Promise<void>((resolve) => ends.push(resolve))
      return item * 10
    })
    expect(begun).toEqual([0, 1])

    ends[1]?.()
    await Promise.resolve()
    await Promise.resolve()
    expect(begun).toEqual([0, 1, 2])

    for (let i = 0; i < 4; i++) {
      for (const end of ends) end()
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await done).toEqual([0, 10, 20, 30])
  })

  it('has nothing to do for no items', async () => {
    expect(await inLine(4, [], () => Promise.reject(new Error('not called')))).toEqual([])
  })

  it('rejects with the first error', async () => {
    await expect(inLine(1, [1, 2], () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  })
})
