import { describe, expect, test } from 'vitest'
import { startDeadline } from '../../src/cli/command-context.ts'
import { RocketMQError } from '../../src/core/errors.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

describe('the deadline of a command', () => {
  test('aborts with a sentence when it is over', async () => {
    const clock = new VirtualClock()
    const deadline = startDeadline(clock, 2000)

    await clock.advance(1999)
    expect(deadline.signal.aborted).toBe(false)
    await clock.advance(1)

    expect(deadline.signal.reason).toBeInstanceOf(RocketMQError)
    expect(deadline.signal.reason).toMatchObject({
      code: 'TIMEOUT',
      message: 'the command was not done within 2 s (--timeout)',
    })
  })

  test('leaves requests less than the command has, so that the one that hangs is named', async () => {
    const clock = new VirtualClock()
    const deadline = startDeadline(clock, 2000)

    await clock.advance(500)

    expect(deadline.remainingMs()).toBe(1450)
    await clock.advance(5000)
    expect(deadline.remainingMs()).toBe(1)
  })

  test('cleared, it never aborts and keeps no timer', async () => {
    const clock = new VirtualClock()
    const deadline = startDeadline(clock, 2000)

    deadline.clear()
    await clock.advance(5000)

    expect(deadline.signal.aborted).toBe(false)
    expect(clock.pending).toBe(0)
  })

  test('without a time there is none', () => {
    const clock = new VirtualClock()
    const deadline = startDeadline(clock, undefined)

    expect(deadline.remainingMs()).toBeUndefined()
    expect(clock.pending).toBe(0)
  })
})
