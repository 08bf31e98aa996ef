import { describe, expect, it } from 'vitest'
import { ConsumerStats, SAMPLE_INTERVAL_MS } from '../../../src/core/consumer/consumer-stats.ts'

const STARTED = 1_000_000
const call = { failed: 0, calls: 1, millis: 10 }

/** Time with a sample every 10 s. */
function setUp() {
  const stats = new ConsumerStats(STARTED)
  let now = STARTED
  const pass = (seconds: number, each: () => void = () => undefined): void => {
    for (let second = 0; second < seconds; second++) {
      each()
      now += 1000
      if ((now - STARTED) % SAMPLE_INTERVAL_MS === 0) stats.sample(now)
    }
  }
  return { stats, pass, status: (topic: string) => stats.status(topic, now) }
}

describe('ConsumerStats', () => {
  it('has nothing but zeros for a topic it knows nothing of', () => {
    expect(setUp().status('orders')).toEqual({
      consumeFailedMsgs: 0,
      consumeFailedTPS: 0,
      consumeOKTPS: 0,
      consumeRT: 0,
      pullRT: 0,
      pullTPS: 0,
    })
  })

  it('tells messages a second and milliseconds a call, before the first sample and after', () => {
    const { stats, pass, status } = setUp()
    const each = (): void => {
      stats.pulled('orders', 32, 6)
      stats.consumed('orders', { ok: 30, failed: 2, calls: 4, millis: 80 })
    }
    const wanted = { consumeOKTPS: 30, consumeFailedTPS: 2, consumeRT: 20, pullTPS: 32, pullRT: 6 }

    pass(5, each)
    expect(status('orders')).toMatchObject(wanted)
    pass(60, each)
    expect(status('orders')).toMatchObject(wanted)
  })

  it('forgets after a minute what happened before', () => {
    const { stats, pass, status } = setUp()
    stats.consumed('orders', { ...call, ok: 600 })
    pass(60)
    expect(status('orders').consumeOKTPS).toBeCloseTo(10)

    pass(20)

    expect(status('orders').consumeOKTPS).toBe(0)
    expect(stats.totals).toEqual({ in: 0, ok: 600, failed: 0 })
  })

  it('does not spread what a topic has just begun over all the time since the start', () => {
    const { stats, pass, status } = setUp()
    pass(3600)

    pass(5, () => {
      stats.consumed('orders', { ...call, ok: 100 })
    })

    expect(status('orders').consumeOKTPS).toBeCloseTo(100)
  })

  it('counts the failures of the last hour', () => {
    const { stats, pass, status } = setUp()
    stats.consumed('orders', { ...call, ok: 0, failed: 7 })
    pass(3600)
    stats.consumed('orders', { ...call, ok: 0, failed: 1 })
    expect(status('orders').consumeFailedMsgs).toBe(8)

    pass(1200)

    expect(status('orders').consumeFailedMsgs).toBe(1)
    expect(stats.totals.failed).toBe(8)
  })

  it('keeps topics apart and adds them up', () => {
    const { stats, status, pass } = setUp()
    stats.consumed('orders', { ...call, ok: 10 })
    stats.consumed('payments', { ...call, ok: 5, failed: 2 })
    pass(1)

    expect(status('orders').consumeOKTPS).toBe(10)
    expect(status('payments')).toMatchObject({ consumeOKTPS: 5, consumeFailedMsgs: 2 })
    expect(stats.totals).toEqual({ in: 0, ok: 15, failed: 2 })
  })
})
