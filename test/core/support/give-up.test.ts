import { describe, expect, it } from 'vitest'
import { unlessAborted, unlessLate } from '../../../src/core/support/index.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const never = new Promise<never>(() => undefined)

describe('unlessAborted', () => {
  it('passes the result or the error of the job on', async () => {
    const { signal } = new AbortController()

    await expect(unlessAborted(Promise.resolve(1), signal)).resolves.toBe(1)
    await expect(unlessAborted(Promise.reject(new Error('lost')), signal)).rejects.toThrow('lost')
    await expect(unlessAborted(Promise.resolve(2), undefined)).resolves.toBe(2)
  })

  it('rejects with the reason as soon as the signal aborts, also when it has already', async () => {
    const controller = new AbortController()
    const waiting = unlessAborted(never, controller.signal)

    controller.abort(new Error('enough'))

    await expect(waiting).rejects.toThrow('enough')
    await expect(unlessAborted(never, controller.signal)).rejects.toThrow('enough')
  })
})

describe('unlessLate', () => {
  const late = (): Error => new Error('too late')

  it('passes the result or the error of the job on and leaves no timer', async () => {
    const clock = new VirtualClock()

    await expect(unlessLate(Promise.resolve(1), { clock, ms: 10, late })).resolves.toBe(1)
    await expect(unlessLate(Promise.reject(new Error('lost')), { clock, ms: 10, late })).rejects.toThrow('lost')

    expect(clock.pending).toBe(0)
  })

  it('rejects when the time is over', async () => {
    const clock = new VirtualClock()
    const waiting = unlessLate(never, { clock, ms: 10, late })
    const refused = expect(waiting).rejects.toThrow('too late')

    await clock.advance(10)

    await refused
  })
})
