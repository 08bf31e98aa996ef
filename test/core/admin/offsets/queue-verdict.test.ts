import { describe, expect, test } from 'vitest'
import {
  type MovingQueue,
  PERSIST_MS,
  QueueVerdict,
  type Sighting,
  UNOWNED_MS,
} from '../../../../src/core/admin/offsets/queue-verdict.ts'
import { planQueue } from '../../../../src/core/admin/offsets/reset-plan.ts'

const queue = { topic: 'orders', brokerName: 'a', queueId: 0 }

const ownerBefore = { clientId: 'c', position: 55, cached: 0, consumedAt: 1000 }

function verdict(target: number, change: Partial<MovingQueue> = {}): QueueVerdict {
  const row = planQueue({ queue, min: 0, max: 100, committed: 50 }, { queue, offset: target })
  return new QueueVerdict({ row, mechanism: 'server-side', ownerBefore, live: true, ...change })
}

const seen = (committed: number | undefined, position?: number, change: Partial<Sighting> = {}): Sighting => ({
  committed,
  owners: position === undefined ? [] : [{ clientId: 'c', position, cached: 3, consumedAt: 1000 }],
  silent: [],
  unsettled: false,
  ...change,
})

describe('a queue whose group is offline', () => {
  test('has moved when the broker says so', () => {
    const one = verdict(20, { live: false, mechanism: 'commit' })
    one.see(seen(50), 0)
    expect(one.moved).toBe(false)
    one.see(seen(20), 1)
    expect(one.moved).toBe(true)
  })
})

describe('a queue that is consumed', () => {
  test('has not moved while only the broker says so', () => {
    const one = verdict(20)
    for (let at = 0; at < 60_000; at += 1000) one.see(seen(20, 55), at)

    expect(one.moved).toBe(false)
    expect(one.why()).toBe('c stands at 55, with 3 messages not finished; committed is 20')
  })

  test('has moved when its owner stands at the target, and one persist interval later still does', () => {
    const one = verdict(20)
    one.see(seen(20, 20), 0)
    expect(one.moved).toBe(false)
    one.see(seen(25, 40), PERSIST_MS)
    expect(one.moved).toBe(true)
  })

  test('has not moved while the old offset, which the pull that told the reset has stored, is committed', () => {
    const one = verdict(20)
    one.see(seen(20, 20), 0)
    one.see(seen(55, 30), PERSIST_MS)
    expect(one.moved).toBe(false)
    one.see(seen(30, 30), PERSIST_MS + 1000)
    expect(one.moved).toBe(true)
  })

  test('has moved when what is committed goes on from the target, even if its owner was never seen before its old place', () => {
    const one = verdict(20)
    one.see(seen(20, 55), 0)
    one.see(seen(40, 90), 1000)
    one.see(seen(90, 90), 1000 + PERSIST_MS)

    expect(one.moved).toBe(true)
  })

  test('has not moved when a pull of a former owner took the reset up', () => {
    const one = verdict(20)
    one.see(seen(20, 55), 0)
    one.see(seen(55, 55), 1000)
    one.see(seen(55, 55), 1000 + PERSIST_MS)

    expect(one.moved).toBe(false)
    expect(one.why()).toContain('a pull of a former owner may have taken it up: reset it once more')
  })

  test('has not moved when its owner took it up and went back', () => {
    const one = verdict(20)
    one.see(seen(20, 20), 0)
    one.see(seen(10, 15), PERSIST_MS)

    expect(one.moved).toBe(false)
  })

  test('has moved forward when its owner is there', () => {
    const one = verdict(80)
    one.see(seen(80, 55), 0)
    one.see(seen(80, 80), 1000)
    one.see(seen(80, 80), 1000 + PERSIST_MS)

    expect(one.moved).toBe(true)
  })

  test('is not proved by one of two owners', () => {
    const one = verdict(20)
    const owners = [20, 55].map((position) => ({ clientId: 'c', position, cached: 0, consumedAt: 1000 }))
    one.see({ ...seen(20), owners }, 0)
    one.see({ ...seen(20), owners }, PERSIST_MS)

    expect(one.moved).toBe(false)
  })
})

describe('a queue that nobody seems to own', () => {
  test('may be on its way: only after a while the broker’s word is enough', () => {
    const one = verdict(20)
    one.see(seen(20), 0)
    expect(one.moved).toBe(false)
    one.see(seen(20), UNOWNED_MS)
    expect(one.moved).toBe(true)
  })

  test('is not free while a member lets go of it, or does not answer', () => {
    const one = verdict(20)
    for (let at = 0; at < 30_000; at += 1000) one.see(seen(20, undefined, { unsettled: true }), at)
    for (let at = 30_000; at < 60_000; at += 1000) one.see(seen(20, undefined, { silent: ['frozen'] }), at)

    expect(one.moved).toBe(false)
    expect(one.why()).toBe('these do not answer: frozen')
  })

  test('cannot have been moved by its members', () => {
    const one = verdict(20, { mechanism: 'client-push' })
    one.see(seen(50), 0)
    one.see(seen(50), 60_000)

    expect(one.moved).toBe(false)
    expect(one.why()).toBe('nobody owns it; committed is 50')
  })
})

describe('a queue whose members were told to move', () => {
  test('has moved when less is committed than before: members alone never go back', () => {
    const one = verdict(20, { mechanism: 'client-push' })
    one.see(seen(50, 55), 0)
    one.see(seen(20, undefined, { unsettled: true }), 10_000)
    one.see(seen(21, 70), 10_200)
    one.see(seen(70, 70), 10_200 + PERSIST_MS)

    expect(one.moved).toBe(true)
  })

  test('has moved when a member that had consumed all has consumed since, though nothing arrived', () => {
    const idle = { ...ownerBefore, position: 100 }
    const one = verdict(20, { mechanism: 'client-push', ownerBefore: idle })
    one.see({ ...seen(100), owners: [idle] }, 0)
    expect(one.moved).toBe(false)
    const again = [{ ...idle, consumedAt: 1001 }]
    one.see({ ...seen(100), owners: again }, 1000)
    one.see({ ...seen(100), owners: again }, 1000 + PERSIST_MS)

    expect(one.moved).toBe(true)
  })

  test('has not moved because it goes on as before', () => {
    const one = verdict(20, { mechanism: 'client-push' })
    one.see(seen(50, 55), 0)
    one.see(seen(60, 65), 20_000)

    expect(one.moved).toBe(false)
  })
})

test('a broker that does not answer proves nothing', () => {
  const one = verdict(20)
  one.see(seen(undefined), 0)

  expect(one.moved).toBe(false)
  expect(one.why()).toBe('its broker did not answer')
})
