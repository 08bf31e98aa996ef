import { describe, expect, it } from 'vitest'
import { type StopConditions, Stopping, watchConditions } from '../../../src/cli/consume/stopping.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

describe('the switch that ends a command', () => {
  it('keeps the first reason', async () => {
    const stopping = new Stopping()
    expect(stopping.reason).toBeUndefined()

    stopping.stop('error', new Error('lost'))
    stopping.stop('caught-up')

    expect(stopping.reason).toBe('error')
    expect(stopping.error).toMatchObject({ message: 'lost' })
    await expect(stopping.stopped()).resolves.toBeUndefined()
  })

  it('follows other signals, also one that has aborted already', async () => {
    const controller = new AbortController()
    const stopping = new Stopping()
    stopping.follow(controller.signal, 'output-closed')
    const stopped = stopping.stopped()

    controller.abort(new Error('gone'))
    await stopped

    expect(stopping).toMatchObject({ reason: 'output-closed', error: { message: 'gone' } })
    const late = new Stopping()
    late.follow(controller.signal, 'signal')
    expect(late.reason).toBe('signal')
  })
})

describe('the conditions that end a command', () => {
  function setUp(options: Partial<StopConditions>) {
    const clock = new VirtualClock()
    const stopping = new Stopping()
    const state = { seen: 0 }
    const watching = watchConditions(
      stopping,
      { idleMs: undefined, forMs: undefined, done: undefined, seen: () => state.seen, ...options },
      clock,
    )
    return { clock, stopping, state, watching }
  }

  it('end it when the time is over', async () => {
    const { clock, stopping } = setUp({ forMs: 1000 })

    await clock.advance(999)
    expect(stopping.reason).toBeUndefined()
    await clock.advance(60)

    expect(stopping.reason).toBe('time')
  })

  it('end it when nothing has come for long enough, and not before', async () => {
    const { clock, stopping, state } = setUp({ idleMs: 1000 })

    for (let i = 0; i < 5; i++) {
      await clock.advance(900)
      state.seen += 1
    }
    expect(stopping.reason).toBeUndefined()
    await clock.advance(1100)

    expect(stopping.reason).toBe('idle')
  })

  it('end it when all is done', async () => {
    let done = false
    const { clock, stopping } = setUp({ done: () => (done ? 'caught-up' : undefined) })
    await clock.advance(200)
    expect(stopping.reason).toBeUndefined()

    done = true
    await clock.advance(60)

    expect(stopping.reason).toBe('caught-up')
  })

  it('are not looked at any more when something else has ended it', async () => {
    const { clock, stopping, watching } = setUp({ idleMs: 60_000 })
    await clock.advance(100)

    stopping.stop('signal')
    await watching

    expect(clock.pending).toBe(0)
  })

  it('leave no timer where there are none', async () => {
    const { clock, watching, stopping } = setUp({})
    await watching

    expect(clock.pending).toBe(0)
    expect(stopping.reason).toBeUndefined()
  })
})
