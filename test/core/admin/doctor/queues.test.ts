import { describe, expect, test } from 'vitest'
import { beyondEnd, expired, pendingResets, uncommitted } from '../../../../src/core/admin/doctor/committed.ts'
import { flowControlled, stalledPulls } from '../../../../src/core/admin/doctor/flow.ts'
import { withoutLock } from '../../../../src/core/admin/doctor/order-locks.ts'
import { asked, lookOf, NOW, named, queue, type SaidQueue } from '../../../support/doctor-scene.ts'

const of = (held: Partial<SaidQueue>, properties: Record<string, string> = {}) =>
  lookOf({ members: { a: { holds: [{ queue: queue(0), ...held }], properties } } })

describe('D09', () => {
  test.each([
    ['messages', { cachedMsgCount: 1000, cachedMsgMaxOffset: 999 }, '1000 messages (pullThresholdForQueue 1000)'],
    ['bytes', { cachedMsgCount: 5, cachedMsgSizeInMiB: 120 }, '120 MiB (pullThresholdSizeForQueue 100)'],
    ['span', { cachedMsgCount: 5, cachedMsgMaxOffset: 2001 }, '2001 offsets (consumeConcurrentlyMaxSpan 2000)'],
  ])('tells a queue that is held back by %s', (_, held, evidence) => {
    const [finding] = flowControlled(asked(of(held)))

    expect(finding).toMatchObject({ id: 'D09', subject: 'orders broker-a:0', severity: 'warning' })
    expect(finding?.evidence).toContain(evidence)
  })

  test('says nothing below the limits, of a span in order, or where limits are not told', () => {
    expect(flowControlled(asked(of({ cachedMsgCount: 999, cachedMsgMaxOffset: 2000 })))).toEqual([])
    const ordered = { PROP_CONSUMEORDERLY: 'true' }
    expect(flowControlled(asked(of({ cachedMsgCount: 5, cachedMsgMaxOffset: 9000 }, ordered)))).toEqual([])
    expect(flowControlled(asked(of({ cachedMsgCount: 9000 }, { pullThresholdForQueue: '' })))).toEqual([])
  })
})

describe('D10', () => {
  test('tells a member that has not pulled for two minutes', () => {
    const [finding] = stalledPulls(asked(of({ pulledAgo: 150_000 })))

    expect(finding).toMatchObject({ id: 'D10', subject: 'a' })
    expect(finding?.evidence).toBe('it has not pulled orders broker-a:0 for up to 3 min')
  })

  test('says nothing of one that pulled a minute ago, is held back, has pulled since, or waits for a lock', () => {
    expect(stalledPulls(asked(of({ pulledAgo: 60_000 })))).toEqual([])
    expect(stalledPulls(asked(of({ pulledAgo: 150_000, cachedMsgCount: 600 })))).toEqual([])
    expect(stalledPulls(asked(of({ pulledAgo: 150_000 }), of({ pulledAgo: 160_000 })))).toEqual([])
    const ordered = { PROP_CONSUMEORDERLY: 'true' }
    expect(stalledPulls(asked(of({ pulledAgo: 150_000, locked: false }, ordered)))).toEqual([])
  })
})

describe('D11', () => {
  const ordered = { PROP_CONSUMEORDERLY: 'true' }

  test('tells queues in order without a lock, with a stale one, and one that is not let go of', () => {
    const missing = withoutLock(asked(of({ locked: false }, ordered)))
    const stale = withoutLock(asked(of({ lockedAgo: 45_000 }, ordered)))
    const kept = withoutLock(asked(of({ droped: true, tryUnlockTimes: 3 }, ordered)))

    expect(missing[0]?.evidence).toBe('it holds orders broker-a:0 without its lock')
    expect(stale[0]?.evidence).toBe('it holds orders broker-a:0 by a lock renewed 45 s ago')
    expect(kept[0]?.evidence).toBe('it should let go of orders broker-a:0 (3 times in vain)')
  })

  test('says nothing of locks in order, and of members that need none', () => {
    expect(withoutLock(asked(of({ lockedAgo: 19_000 }, ordered)))).toEqual([])
    expect(withoutLock(asked(of({ locked: false, lockedAgo: 99_000 })))).toEqual([])
  })
})

describe('commits', () => {
  const offline = (committed: number | undefined, min = 10, max = 90) =>
    asked(lookOf({ queues: [{ queue: queue(0), min, max, committed }] }))

  test('beyond the end are D12, before the beginning D13, and missing D14', () => {
    expect(beyondEnd(offline(100))[0]).toMatchObject({
      id: 'D12',
      subject: 'orders',
      evidence: 'broker-a:0 is committed at 100 and ends at 90',
    })
    expect(expired(offline(4))[0]?.evidence).toBe('broker-a:0 is committed at 4 and begins at 10: 6 are gone')
    expect(uncommitted(offline(undefined))[0]).toMatchObject({ id: 'D14', evidence: 'broker-a:0 has 80 messages' })
  })

  test('within the queue are none of them', () => {
    const question = offline(50)

    expect([...beyondEnd(question), ...expired(question), ...uncommitted(question)]).toEqual([])
  })

  test('are not missed in an empty queue, among retries, from young owners, and from those that pop', () => {
    const none = { queue: queue(0), max: 5, committed: undefined }
    const silent = { a: { holds: [{ queue: queue(1) }] }, b: { silent: 'unanswered' as const } }
    const young = { properties: { PROP_CONSUMER_START_TIMESTAMP: String(NOW - 5000) }, holds: [{ queue: queue(0) }] }

    expect(uncommitted(offline(undefined, 7, 7))).toEqual([])
    expect(uncommitted(asked(lookOf({ queues: [{ ...none, queue: queue(0, '%RETRY%billing') }] })))).toEqual([])
    expect(uncommitted(asked(lookOf({ queues: [none], members: { a: young } })))).toEqual([])
    expect(uncommitted(asked(lookOf({ queues: [none], members: { a: { pops: [queue(1)] } } })))).toEqual([])
    expect(uncommitted(asked(lookOf({ queues: [none], members: silent })))).toEqual([])
    expect(named(uncommitted(asked(lookOf({ queues: [none], members: { a: { holds: young.holds } } }))))).toEqual([
      'D14 orders',
    ])
  })

  test('an owner does not take up are D15, in both directions', () => {
    const at = (committed: number, position: number, consumedAgo: number) => {
      const holds = [{ queue: queue(0), commitOffset: position, consumedAgo }]
      return lookOf({ members: { a: { holds } }, queues: [{ queue: queue(0), committed, max: 100 }] })
    }
    const ids = (look: ReturnType<typeof at>, before = look) => named(pendingResets(asked(look, before)))

    expect(ids(at(80, 20, 100))).toEqual(['D15 orders'])
    expect(ids(at(20, 80, 60_000))).toEqual(['D15 orders'])
    // Committed every 5 s; moving; as it should be.
    expect(ids(at(20, 80, 3000))).toEqual([])
    expect(ids(at(20, 80, 60_000), at(10, 70, 60_000))).toEqual([])
    expect(ids(at(80, 80, 60_000))).toEqual([])
  })
})
