import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { isAbort } from '../../../src/core/errors.ts'
import { abortReason, sleepWith, systemClock } from '../../../src/core/support/index.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

describe('sleepWith', () => {
  it('resolves after the delay and takes its listener off the signal', async () => {
    const clock = new VirtualClock()
    const { signal } = new AbortController()
    let awake = false
    const sleeping = sleepWith(clock, 100, signal).then(() => {
      awake = true
    })
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)

    await clock.advance(99)
    expect(awake).toBe(false)
    await clock.advance(1)
    await sleeping

    expect(awake).toBe(true)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  it('rejects with the reason of the signal at once and cancels its timer', async () => {
    const clock = new VirtualClock()
    const controller = new AbortController()
    const reason = new Error('enough')
    const sleeping = sleepWith(clock, 100, controller.signal)

    controller.abort(reason)

    await expect(sleeping).rejects.toBe(reason)
    expect(clock.pending).toBe(0)
  })

  it('never sets a timer for a signal that is aborted already', async () => {
    const clock = new VirtualClock()

    await expect(sleepWith(clock, 100, AbortSignal.abort())).rejects.toSatisfy(isAbort)

    expect(clock.pending).toBe(0)
  })
})

describe('abortReason', () => {
  it('is the reason itself when that is an error, and an AbortError otherwise', () => {
    const reason = new Error('enough')

    expect(abortReason(AbortSignal.abort(reason))).toBe(reason)
    expect(abortReason(AbortSignal.abort('a text'))).toSatisfy(isAbort)
  })
})

describe('systemClock', () => {
  it('calls back, cancels, sleeps and goes forward', async () => {
    const before = systemClock.monotonic()
    let cancelledRan = false
    systemClock
      .after(0, () => {
        cancelledRan = true
      })
      .cancel()

    await systemClock.sleep(2)

    expect(cancelledRan).toBe(false)
    expect(systemClock.monotonic()).toBeGreaterThan(before)
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1000)
  })
})
