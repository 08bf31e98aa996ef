import { expect, test } from 'vitest'
import { Pace } from '../../../src/cli/produce/pace.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const signal = new AbortController().signal

test('events are spread evenly over time', async () => {
  const clock = new VirtualClock()
  const pace = new Pace(clock, 100)
  const times: number[] = []

  const events = (async () => {
    for (let i = 0; i < 5; i++) {
      await pace.wait(signal)
      times.push(clock.monotonic())
    }
  })()
  await clock.advance(1000)
  await events

  expect(times).toEqual([0, 10, 20, 30, 40])
})

test('a delay is not made up for by a burst', async () => {
  const clock = new VirtualClock()
  const pace = new Pace(clock, 100)

  await pace.wait(signal)
  await clock.advance(10_000)
  await pace.wait(signal)
  let third = false
  const waiting = pace.wait(signal).then(() => {
    third = true
  })
  await clock.advance(9)
  expect(third).toBe(false)
  await clock.advance(1)
  await waiting

  expect(third).toBe(true)
})

test('an interruption ends the waiting', async () => {
  const clock = new VirtualClock()
  const pace = new Pace(clock, 1)
  const controller = new AbortController()
  await pace.wait(controller.signal)

  const waiting = pace.wait(controller.signal)
  controller.abort(new DOMException('interrupted', 'AbortError'))

  await expect(waiting).rejects.toThrow('interrupted')
})
