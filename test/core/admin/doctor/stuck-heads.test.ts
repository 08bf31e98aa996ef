import { describe, expect, test } from 'vitest'
import { stuckHeads } from '../../../../src/core/admin/doctor/stuck-heads.ts'
import {
  asked,
  lookOf,
  NOW,
  named,
  queue,
  type SaidGroup,
  type SaidMember,
  type SaidQueue,
} from '../../../support/doctor-scene.ts'

const LATER = 2000

/** Two looks at a member that holds one queue, and others that flow; the second 2 s later. */
function twice(first: SaidQueue, second: Partial<SaidQueue>, more: SaidMember = {}, group: SaidGroup = {}) {
  const { holds = [], ...rest } = more
  const others = [1, 2].map((id) => ({ queue: queue(id), consumedAgo: 50 }))
  const member = (held: SaidQueue): SaidMember => ({ holds: [held, ...others, ...holds], ...rest })
  const head = first.transactionMsgCount ? first.transactionMsgMinOffset : first.cachedMsgMinOffset
  const heads = [{ queue: first.queue, offset: head ?? 0, storedAgo: 90_000 }]
  const before = lookOf({ heads, ...group, members: { a: member(first) } })
  const look = lookOf({ heads, ...group, at: NOW + LATER, members: { a: member({ ...first, ...second }) } })
  return stuckHeads(asked(look, before))
}

const hanging: SaidQueue = {
  queue: queue(0),
  cachedMsgCount: 1,
  cachedMsgMinOffset: 40,
  cachedMsgMaxOffset: 40,
  commitOffset: 40,
  consumedAgo: 80_000,
}
const flowing = { orders: { consumeOKTPS: 30, consumeRT: 5 } }

describe('a head is stuck', () => {
  test('when its call does not come back though other queues flow', () => {
    const [finding, ...more] = twice(hanging, {}, { status: flowing })

    expect(finding).toMatchObject({
      id: 'D08',
      severity: 'error',
      subject: 'orders broker-a:0',
      member: 'a',
      head: { offset: 40, ageMs: 90_000 },
    })
    expect(finding?.evidence).toBe(
      'message ID40 at 40, key k1, stored 90 s ago, reconsumed 2 times, a has not finished it for 82 s',
    )
    expect(finding?.next).toBe('mq doctor -g billing --stack; mq messages get orders broker-a:0:40')
    expect(more).toEqual([])
  })

  test('when what is behind it in its queue flows, which keeps the time of the last one fresh', () => {
    const fresh = { ...hanging, consumedAgo: 100 }
    // 300 came after it and are done with; 4 a second come.
    const queues = (max: number) => ({ queues: [{ queue: queue(0), committed: 40, max }] })
    const before = lookOf({
      ...queues(333),
      members: { a: { holds: [fresh], status: flowing } },
      heads: [{ queue: queue(0), offset: 40, storedAgo: 200_000 }],
    })
    const look = {
      ...before,
      at: NOW + LATER,
      progress: lookOf({ ...queues(341), members: { a: { holds: [fresh] } } }).progress,
    }
    const [finding] = stuckHeads(asked(look, before))

    expect(finding?.evidence).toContain('a is at it for about 75 s, and done with 300 behind it')
    expect(finding?.cause).toContain('comes again after a restart')
  })

  test('when it fails in order and is taken again and again', () => {
    const suspended = { ...hanging, consumedAgo: 900, cachedMsgCount: 3, cachedMsgMaxOffset: 42 }
    const orderly = { properties: { PROP_CONSUMEORDERLY: 'true' } }
    const [finding] = twice(suspended, { consumedAgo: -1500 }, orderly)

    expect(finding?.evidence).toContain('a takes it again and again, 2 more wait there')
    expect(finding?.next).toContain('to skip it: mq offsets reset -g billing orders --to broker-a:0=41')
    expect(twice(suspended, { cachedMsgMinOffset: 41, consumedAgo: -1500 }, orderly)).toEqual([])
  })

  test('when its call in order does not come back', () => {
    const running = {
      ...hanging,
      transactionMsgCount: 1,
      transactionMsgMinOffset: 40,
      transactionMsgMaxOffset: 40,
      cachedMsgCount: 5,
    }
    const orderly = { properties: { PROP_CONSUMEORDERLY: 'true' } }

    expect(named(twice(running, {}, orderly))).toEqual(['D08 orders broker-a:0'])
    expect(twice({ ...running, consumedAgo: 30_000 }, {}, orderly)).toEqual([])
  })

  test('when all threads of a member hang', () => {
    const one = { PROP_THREADPOOL_CORE_SIZE: '1' }
    const waiting = { ...hanging, cachedMsgCount: 60, cachedMsgMaxOffset: 99 }
    const other = { ...waiting, queue: queue(3), consumedAgo: 70_000 }
    const before = lookOf({ members: { a: { holds: [waiting, other], properties: one } } })

    expect(named(stuckHeads(asked({ ...before, at: NOW + LATER }, before)))).toEqual([
      'D08 orders broker-a:0',
      'D08 orders broker-a:3',
    ])
  })

  test('also where its message cannot be read', () => {
    const [finding] = twice(hanging, {}, { status: flowing }, { heads: [] })

    expect(finding?.evidence).toBe('offset 40 is its oldest unfinished message, a has not finished it for 82 s')
  })
})

describe('a head is not stuck', () => {
  test('when it has moved between two looks', () => {
    expect(twice(hanging, { cachedMsgMinOffset: 41 }, { status: flowing })).toEqual([])
  })

  test('when it came just now to a queue that was quiet', () => {
    const heads = [{ queue: queue(0), offset: 40, storedAgo: 3000 }]

    expect(twice({ ...hanging, consumedAgo: 3_600_000 }, {}, { status: flowing }, { heads })).toEqual([])
  })

  test('when it waits for the one thread of a slow member', () => {
    const waiting = { ...hanging, cachedMsgCount: 90, cachedMsgMaxOffset: 129 }
    const slow = {
      status: { orders: { consumeOKTPS: 1.5, consumeRT: 650 } },
      properties: { PROP_THREADPOOL_CORE_SIZE: '1' },
    }

    expect(twice(waiting, {}, slow)).toEqual([])
    // Not told yet how quick it is, but at work.
    expect(twice(waiting, {}, { ...slow, status: {} })).toEqual([])
  })

  test('when calls take that long as a rule', () => {
    const slow = { status: { orders: { consumeOKTPS: 0.2, consumeRT: 50_000 } } }

    expect(twice(hanging, {}, slow)).toEqual([])
  })

  test('when nothing is unfinished, and when the queue was given up', () => {
    expect(twice({ ...hanging, cachedMsgCount: 0 }, {})).toEqual([])
    expect(twice({ ...hanging, droped: true }, {})).toEqual([])
  })
})

test('with one look only, what may be stuck is told, to be looked at again', () => {
  const look = lookOf({ members: { a: { holds: [hanging], status: flowing } } })

  expect(named(stuckHeads(asked(look)))).toEqual(['D08 orders broker-a:0'])
})
