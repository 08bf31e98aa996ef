import { describe, expect, test } from 'vitest'
import { behindProxy, slow, waiting } from '../../../../src/core/admin/doctor/backlog.ts'
import { clocksApart, oldOrMixed, unevenShares } from '../../../../src/core/admin/doctor/clients.ts'
import { notAllowed } from '../../../../src/core/admin/doctor/permissions.ts'
import { failures } from '../../../../src/core/admin/doctor/retries.ts'
import type { GroupConfig } from '../../../../src/core/protocol/index.ts'
import { asked, lookOf, NOW, named, queue, type SaidMember } from '../../../support/doctor-scene.ts'

const holding = (...ids: number[]): SaidMember => ({ holds: ids.map((id) => ({ queue: queue(id) })) })

describe('D07', () => {
  test('tells members that hold nothing, and shares that are uneven', () => {
    const idle = unevenShares(asked(lookOf({ members: { a: holding(0, 1), b: holding() } })))
    const uneven = unevenShares(asked(lookOf({ members: { a: holding(0, 1, 2, 3, 4), b: holding(5) } })))

    expect(idle[0]).toMatchObject({ id: 'D07', evidence: 'b of 2 members hold no queue; there are 2' })
    expect(uneven[0]?.evidence).toBe('queues are shared unevenly: a: 5, b: 1')
  })

  test('says nothing where shares differ by one queue, of broadcasting, and where one does not tell', () => {
    expect(unevenShares(asked(lookOf({ members: { a: holding(0, 1), b: holding(2) } })))).toEqual([])
    const all = { a: holding(0, 1), b: holding() }
    expect(unevenShares(asked(lookOf({ members: all, messageModel: 'BROADCASTING' })))).toEqual([])
    expect(unevenShares(asked(lookOf({ members: { ...all, c: { silent: 'unanswered' } } })))).toEqual([])
  })
})

describe('D16', () => {
  const config: GroupConfig = {
    groupName: 'billing',
    attributes: new Map(),
    brokerId: 0,
    consumeBroadcastEnable: true,
    consumeEnable: true,
    consumeFromMinEnable: true,
    consumeMessageOrderly: false,
    consumeTimeoutMinute: 15,
    groupRetryPolicy: undefined,
    groupSysFlag: 0,
    notifyConsumerIdsChangedEnable: true,
    retryMaxTimes: 16,
    retryQueueNums: 1,
    subscriptionDataSet: undefined,
    whichBrokerWhenConsumeSlowly: 1,
  }
  const ruled = (more: Partial<GroupConfig> | undefined, banned: string[] = [], messageModel = 'CLUSTERING') =>
    lookOf({
      messageModel,
      members: { a: holding(0) },
      more: {
        rules: [
          { brokerName: 'broker-a', config: more && { ...config, ...more }, banned, retentionMs: undefined },
          { brokerName: 'elsewhere', config: undefined, banned: [], retentionMs: undefined },
        ],
      },
    })
  const evidence = (look: ReturnType<typeof ruled>) => notAllowed(asked(look)).map((finding) => finding.evidence)

  test('tells a group that may not consume, broadcast, or read a topic, and one a broker does not know', () => {
    expect(evidence(ruled({ consumeEnable: false }))).toEqual(['it may not consume at broker-a (consumeEnable=false)'])
    expect(evidence(ruled({ consumeBroadcastEnable: false }, [], 'BROADCASTING'))).toEqual([
      'it may not broadcast at broker-a',
    ])
    expect(evidence(ruled({}, ['orders']))).toEqual(['the group may not read it at broker-a'])
    expect(evidence(ruled(undefined))).toEqual(['it is not known at broker-a'])
  })

  test('tells topics nobody may read, and leaves dead letters to D17', () => {
    const unreadable = new Map([
      ['orders', ['broker-a']],
      ['%DLQ%billing', ['broker-a']],
    ])

    expect(evidence({ ...ruled({}), unreadable })).toEqual(['nobody may read it at broker-a'])
  })

  test('says nothing of what is allowed, of broadcasting that nobody does, and of brokers without its topics', () => {
    expect(evidence(ruled({}))).toEqual([])
    expect(evidence(ruled({ consumeBroadcastEnable: false }))).toEqual([])
  })
})

describe('D17', () => {
  const retry = (committed: number | undefined) => ({
    queue: queue(0, '%RETRY%billing'),
    max: 9,
    committed,
    unreadAgeMs: 5000,
  })

  test('tells retries that wait, members that fail, and dead letters', () => {
    const status = { orders: { consumeOKTPS: 8, consumeFailedTPS: 2 } }
    const look = lookOf({ queues: [retry(4)], members: { a: { ...holding(0), status } }, deadLetters: 3 })

    expect(failures(asked(look)).map(({ subject, evidence }) => [subject, evidence])).toEqual([
      ['%RETRY%billing', '5 messages that failed are due again and wait in broker-a:0, the oldest for 5 s'],
      ['a', '2/s of 10/s messages fail'],
      ['%DLQ%billing', '3 dead letters, the newest from 8 s ago'],
    ])
  })

  test('counts retries from the first one on where nothing was committed', () => {
    expect(failures(asked(lookOf({ queues: [retry(undefined)] })))[0]?.evidence).toMatch(/^9 messages/)
  })

  test('says nothing of a few failures, of failures in order, and of retries that are done', () => {
    const few = { ...holding(0), status: { orders: { consumeOKTPS: 80, consumeFailedTPS: 2 } } }
    const ordered = { ...few, status: { orders: { consumeFailedTPS: 1 } }, properties: { PROP_CONSUMEORDERLY: 'true' } }

    expect(failures(asked(lookOf({ queues: [retry(9)], members: { a: few, b: ordered } })))).toEqual([])
  })
})

describe('D18', () => {
  test('tells old Java clients, and languages where shares are wrong', () => {
    const old = oldOrMixed(asked(lookOf({ members: { a: { ...holding(0), version: 300 } } })))
    const mixed = lookOf({ members: { a: holding(0, 1), b: { ...holding(1), language: 'GO' } } })

    expect(old[0]).toMatchObject({ id: 'D18', subject: 'a' })
    expect(oldOrMixed(asked(mixed))[0]?.evidence).toBe('JAVA: a; GO: b')
  })

  test('says nothing of languages that share as they should, and of versions of other languages', () => {
    const members = { a: holding(0), b: { ...holding(1), language: 'GO', version: 0 } }

    expect(oldOrMixed(asked(lookOf({ members })))).toEqual([])
  })
})

describe('D19', () => {
  const behind = { queue: queue(0), max: 90, committed: 50, unreadAgeMs: 7_200_000 }
  const rules = [{ brokerName: 'broker-a', config: undefined, banned: [], retentionMs: 72 * 3_600_000 }]

  test('tells what waits while nobody is online, and when it will be removed', () => {
    expect(waiting(asked(lookOf({ queues: [behind], more: { rules } })))[0]).toMatchObject({
      id: 'D19',
      severity: 'error',
      subject: 'orders',
      evidence: '40 messages wait, the oldest for 2 h, removed in 3 d; nobody is online',
    })
  })

  test('tells of a group that is online only what will be removed soon', () => {
    const of = (unreadAgeMs: number) =>
      waiting(asked(lookOf({ queues: [{ ...behind, unreadAgeMs }], members: { a: holding(0) }, more: { rules } })))

    expect(of(7_200_000)).toEqual([])
    expect(of(71 * 3_600_000)[0]).toMatchObject({
      severity: 'warning',
      evidence: expect.stringContaining('removed in 60 min') as string,
    })
  })

  test('says nothing where all is consumed, and of retries, which are of D17', () => {
    expect(waiting(asked(lookOf({ queues: [{ ...behind, committed: 90 }] })))).toEqual([])
    expect(waiting(asked(lookOf({ queues: [{ ...behind, queue: queue(0, '%RETRY%billing') }] })))).toEqual([])
  })
})

describe('D20', () => {
  const busy = (consumeOKTPS: number, committed: number, max = 1000): ReturnType<typeof lookOf> =>
    lookOf({
      queues: [{ queue: queue(0), committed, max }],
      members: {
        a: {
          holds: [{ queue: queue(0), commitOffset: committed }],
          status: { orders: { consumeOKTPS, consumeRT: 400 } },
          properties: { PROP_THREADPOOL_CORE_SIZE: '1' },
        },
      },
    })

  test('tells a member whose threads are all at work, and when it will be done', () => {
    const [finding] = slow(asked(busy(2.5, 500)))

    expect(finding?.evidence).toBe('1 threads, 400 ms a call: 2.5/s; 500 messages wait, done in 3 min')
    expect(finding?.cause).toContain('slow, not stuck')
  })

  test('tells when more comes than it can do', () => {
    const later = { ...busy(2.5, 505, 1100), at: NOW + 2000 }

    expect(slow(asked(later, busy(2.5, 500)))[0]?.evidence).toContain('50/s come: they are never done')
  })

  test('says nothing of one that has threads left, or will soon be done', () => {
    expect(slow(asked(busy(1.5, 500)))).toEqual([])
    expect(slow(asked(busy(2.5, 950)))).toEqual([])
  })
})

describe('D21', () => {
  const at = (committed: number) => lookOf({ queues: [{ queue: queue(0), max: 90, committed }] })

  test('tells offsets that move while nobody is online, and then nothing waits for want of consumers', () => {
    expect(named(behindProxy(asked(at(60), at(50))))).toEqual(['D21 billing'])
    expect(waiting(asked(at(60), at(50)))).toEqual([])
  })

  test('says nothing where they stand still', () => {
    expect(behindProxy(asked(at(50), at(50)))).toEqual([])
  })
})

describe('D22', () => {
  const pulled = (ago: number) =>
    lookOf({
      members: { a: { holds: [{ queue: queue(0), pulledAgo: ago, consumedAgo: 900_000, lockedAgo: 900_000 }] } },
    })

  test('tells clocks that are ahead, and those that are behind', () => {
    expect(clocksApart(asked(pulled(-60_000)))[0]?.evidence).toBe("its clock is at least 60 s ahead of this host's")
    const later = { ...pulled(118_500), at: NOW + 2000 }
    expect(clocksApart(asked(later, pulled(120_000)))[0]?.evidence).toBe(
      "its clock is at least 119 s behind this host's",
    )
  })

  test('says nothing of a pull that has long been waiting', () => {
    expect(clocksApart(asked({ ...pulled(20_000), at: NOW + 2000 }, pulled(20_000)))).toEqual([])
  })
})
