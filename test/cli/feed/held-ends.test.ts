import { expect, test, vi } from 'vitest'
import { HeldEnds } from '../../../src/cli/feed/held-ends.ts'
import { silentLogger } from '../../../src/core/support/index.ts'
import type { GroupSnapshot, QueueSnapshot, QueueState } from '../../../src/core/telemetry/index.ts'
import { groupSnapshot } from '../../support/feed.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

function setUp() {
  const clock = new VirtualClock()
  const lastPull = clock.now()
  const queue = (id: number, state: QueueState, topic = 'orders'): QueueSnapshot => ({
    ...{
      topic,
      broker: 'broker-a',
      queue: id,
      owners: ['c'],
      min: 0,
      max: 100,
      committed: 40,
      lag: 60,
      state,
      lastPull,
    },
    ...{ oldestUnread: null, cached: 60, cachedBytes: 60, span: 59, inflight: 0, headOffset: 40, headSince: null },
    ...{ locked: null, paused: false, lastConsume: null, pressure: null, latency: null },
  })
  const queues = [queue(0, 'FLOW'), queue(1, 'OK'), queue(0, 'BLOCK', '%RETRY%g')]
  const group = groupSnapshot({ queues, totals: { ...groupSnapshot().totals, lag: 120, retryLag: 60 } })
  const endOf = vi.fn(() => Promise.resolve(1000))
  const ends = new HeldEnds({ clock, logger: silentLogger, endOf })
  return { clock, group, endOf, ends }
}

function lags({ queues, totals }: GroupSnapshot) {
  return [queues.map(({ lag }) => lag), totals.lag, totals.retryLag]
}

test('a queue that is not pulled has the lag that its broker tells, from the next look on', async () => {
  const { clock, group, endOf, ends } = setUp()
  await clock.advance(3000)
  expect(lags(ends.applied(group))).toEqual([[60, 60, 60], 120, 60])
  await clock.advance(0)

  expect(endOf).toHaveBeenCalledTimes(2)
  expect(lags(ends.applied(group))).toEqual([[960, 60, 960], 1020, 960])
  expect(ends.applied(group).queues[0]?.max).toBe(1000)
})

test('brokers are asked every 5 s at most, and not of what was pulled just now', async () => {
  const { clock, group, endOf, ends } = setUp()
  ends.applied(group)
  expect(endOf).not.toHaveBeenCalled()
  await clock.advance(3000)
  for (let i = 0; i < 10; i++) {
    ends.applied(group)
    await clock.advance(400)
  }
  expect(endOf).toHaveBeenCalledTimes(2)
  await clock.advance(2000)
  ends.applied(group)
  expect(endOf).toHaveBeenCalledTimes(4)
})

test('a broker that does not answer changes nothing', async () => {
  const { clock, group, endOf, ends } = setUp()
  endOf.mockRejectedValue(new Error('nobody there'))
  await clock.advance(3000)
  ends.applied(group)
  await clock.advance(0)

  expect(lags(ends.applied(group))).toEqual([[60, 60, 60], 120, 60])
})
