import { expect, test } from 'vitest'
import { BackgroundDoctor } from '../../../src/cli/dashboard/background-doctor.ts'
import { RocketMQError } from '../../../src/core/errors.ts'
import type { FindingsNews } from '../../../src/core/telemetry/index.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const finding = {
  ...{ id: 'D08', severity: 'error' as const, group: 'g', subject: 'orders broker-a:0' },
  ...{ evidence: 'e', cause: 'c', next: 'n' },
}

/** A doctor whose examinations end when a test says so. */
function doctor() {
  const clock = new VirtualClock()
  const running: { resolve: () => void; reject: (error: Error) => void; signal: AbortSignal }[] = []
  const news: FindingsNews[] = []
  const one = new BackgroundDoctor((signal) => {
    return new Promise((resolve, reject) => {
      running.push({ resolve: () => resolve({ findings: [finding], unknown: [] }), reject, signal })
    })
  }, clock)
  const stop = one.follow((told) => news.push(told))
  return { clock, running, news, one, stop, kinds: () => news.map(({ kind }) => kind) }
}

test('examines when the first picture is there, and again half a minute after each examination', async () => {
  const { clock, running, news, kinds } = doctor()
  await clock.advance(1500)
  expect(kinds()).toEqual(['looking'])
  await clock.advance(60_000)
  expect(running).toHaveLength(1)

  running[0]?.resolve()
  await clock.advance(0)
  expect(news[1]).toEqual({ kind: 'found', at: clock.now(), findings: [finding], unknown: [] })
  await clock.advance(29_999)
  expect(running).toHaveLength(1)
  await clock.advance(1)
  expect(running).toHaveLength(2)
})

test('examines at once when asked, but never twice at a time', async () => {
  const { clock, running, one } = doctor()
  one.lookNow()
  one.lookNow()
  await clock.advance(2000)
  expect(running).toHaveLength(1)

  running[0]?.resolve()
  await clock.advance(0)
  one.lookNow()
  expect(running).toHaveLength(2)
})

test('tells what fails, of the cluster or of itself, and goes on', async () => {
  const { clock, running, news } = doctor()
  await clock.advance(1500)
  running[0]?.reject(new RocketMQError('TIMEOUT', 'no name server answers'))
  await clock.advance(30_000)
  running[1]?.reject(new TypeError('x is not a function'))
  await clock.advance(30_000)

  expect(news.filter(({ kind }) => kind === 'failed')).toEqual([
    { kind: 'failed', reason: 'no name server answers' },
    { kind: 'failed', reason: 'this is a fault of mq: x is not a function' },
  ])
  expect(running).toHaveLength(3)
})

test('stops with whoever follows it, and tells nothing after', async () => {
  const { clock, running, kinds, one, stop } = doctor()
  await clock.advance(1500)
  stop()
  expect(running[0]?.signal.aborted).toBe(true)
  running[0]?.resolve()
  one.lookNow()
  await clock.advance(60_000)

  expect(kinds()).toEqual(['looking'])
  expect(running).toHaveLength(1)
})
