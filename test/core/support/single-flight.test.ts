import { describe, expect, it } from 'vitest'
import { SingleFlight } from '../../../src/core/support/index.ts'

describe('SingleFlight', () => {
  it('shares one run among callers of a key that come while it lasts', async () => {
    const flight = new SingleFlight<number>()
    let runs = 0
    const job = async () => {
      runs += 1
      await Promise.resolve()
      return runs
    }

    const results = await Promise.all([flight.run('a', job), flight.run('a', job), flight.run('b', job)])

    expect(runs).toBe(2)
    expect(results[0]).toBe(results[1])
  })

  it('runs again after an end, be it a success or a failure', async () => {
    const flight = new SingleFlight<string>()

    await expect(flight.run('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down')

    await expect(flight.run('a', async () => 'up')).resolves.toBe('up')
  })

  it('rejects, and does not stay busy, when a job throws before it returns a promise', async () => {
    const flight = new SingleFlight<string>()

    await expect(
      (async () =>
        flight.run('a', () => {
          throw new Error('at once')
        }))(),
    ).rejects.toThrow('at once')

    await expect(flight.run('a', async () => 'up')).resolves.toBe('up')
  })
})
