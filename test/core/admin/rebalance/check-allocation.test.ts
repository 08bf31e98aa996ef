import { describe, expect, test } from 'vitest'
import { checkAllocation, lasting } from '../../../../src/core/admin/rebalance/check-allocation.ts'
import type { Finding } from '../../../../src/core/admin/rebalance/finding.ts'
import type { GroupAllocation } from '../../../../src/core/admin/rebalance/group-allocation.ts'
import { normalised } from '../../../../src/core/admin/rebalance/member-findings.ts'
import type { StrategyKnowledge } from '../../../../src/core/admin/rebalance/queue-findings.ts'
import { AllocateMessageQueueAveragely, shareOf } from '../../../../src/core/consumer/index.ts'
import { type MessageQueue, sqlSubscription, tagSubscription } from '../../../../src/core/protocol/index.ts'
import { plantedInfo } from '../../../support/planted-members.ts'

const queue = (queueId: number, brokerName = 'a', topic = 'orders'): MessageQueue => ({ topic, brokerName, queueId })

interface Told {
  readonly holds: readonly MessageQueue[]
  readonly subscriptions?: Readonly<Record<string, string>>
  readonly properties?: Readonly<Record<string, string>>
  /** Brokers that list it; all when not told. */
  readonly at?: readonly string[]
  readonly silent?: boolean
  /** Its addresses at each broker. */
  readonly addresses?: readonly string[]
}

/** Members on topic orders, which has two queues on each of brokers a and b. */
function group(told: Readonly<Record<string, Told>>): GroupAllocation {
  const ids = Object.keys(told)
  return {
    group: 'g',
    brokers: { masters: [], clusters: ['c'], withoutMaster: [] },
    messageModel: 'CLUSTERING',
    consumeType: 'CONSUME_PASSIVELY',
    subscribed: new Set(['orders']),
    errors: [],
    members: Object.entries(told).map(([clientId, { holds, subscriptions = { orders: '*' }, properties, silent }]) => ({
      clientId,
      addresses: ['10.0.0.1:1'],
      language: 'JAVA',
      version: 513,
      info: silent ? undefined : plantedInfo({ holds, subscriptions, ...(properties && { properties }) }),
      silent: silent ? 'unable' : undefined,
    })),
    byBroker: ['a', 'b'].map((brokerName) => ({
      brokerName,
      clientIds: ids.filter((id) => told[id]?.at?.includes(brokerName) ?? true),
      connections: ids.flatMap((clientId) =>
        (told[clientId]?.addresses ?? ['10.0.0.1:1']).map((address) => ({ clientId, address })),
      ),
      subscriptions: [],
    })),
    topics: [{ topic: 'orders', queues: [queue(0), queue(1), queue(0, 'b'), queue(1, 'b')] }],
  }
}

const averagely: StrategyKnowledge = {
  nameOf: ({ info }) => info?.properties.get('strategy') ?? 'average',
  shareOf: ({ clientId }, { queues }, clientIds) =>
    shareOf(AllocateMessageQueueAveragely, { group: 'g', clientId, queues, clientIds }),
}

const check = (survey: GroupAllocation): readonly Finding[] =>
  checkAllocation({ ...averagely, survey, naming: { group: 'g', userName: (name) => name }, now: 1_000_000 })

const ids = (survey: GroupAllocation) => check(survey).map(({ id, subject }) => `${id} ${subject}`)

const firstHalf = [queue(0), queue(1)]
const secondHalf = [queue(0, 'b'), queue(1, 'b')]

describe('a check of an allocation', () => {
  test('finds nothing where each holds its share', () => {
    expect(check(group({ x: { holds: firstHalf }, y: { holds: secondHalf } }))).toEqual([])
  })

  test('finds queues nobody holds, and who should', () => {
    const [finding, ...more] = check(group({ x: { holds: firstHalf }, y: { holds: [queue(0, 'b')] } }))

    expect(finding).toMatchObject({ id: 'D04', subject: 'orders', evidence: 'nobody holds b:1' })
    expect(finding?.cause).toMatch(/^they are the share of y, which has not taken them/)
    expect(more).toEqual([])
  })

  test('says that a share of one who does not subscribe is consumed by nobody', () => {
    const survey = group({ x: { holds: firstHalf }, y: { holds: [], subscriptions: { other: '*' } } })
    const orphan = check(survey).find(({ id }) => id === 'D04')

    expect(orphan?.cause).toBe('they are the share of y, and not all of these subscribe to the topic')
    expect(ids(survey)).toEqual(['D01 orders', 'D04 orders'])
  })

  test('says nothing of free queues where a member does not tell what it holds', () => {
    expect(check(group({ x: { holds: firstHalf }, y: { holds: [], silent: true } }))).toEqual([])
    const pulling = { PROP_CONSUME_TYPE: 'CONSUME_ACTIVELY' }
    expect(check(group({ x: { holds: firstHalf }, y: { holds: [], properties: pulling } }))).toEqual([])
  })

  test('lets young members learn of their retry topic first', () => {
    const retry = { topic: '%RETRY%g', queues: [queue(0, 'a', '%RETRY%g')] }
    const subscriptions = { orders: '*', '%RETRY%g': '*' }
    const holds = [...firstHalf, ...secondHalf]
    const of = (started: number) => {
      const properties = { PROP_CONSUMER_START_TIMESTAMP: String(started) }
      return ids({ ...group({ x: { holds, subscriptions, properties } }), topics: [retry] })
    }

    expect([of(999_000), of(900_000)]).toEqual([[], ['D04 %RETRY%g']])
  })

  test('finds queues two hold, and those that are held by the wrong one', () => {
    const survey = group({ x: { holds: [...firstHalf, queue(0, 'b')] }, y: { holds: secondHalf } })
    const findings = check(survey)

    expect(findings.map(({ id, evidence }) => [id, evidence])).toEqual([
      ['D05', 'b:0: x and y'],
      ['D06', 'x holds b:0, average gives it a:0, a:1'],
    ])
  })

  test('finds one id at two addresses of one broker; another port for each broker is as it should be', () => {
    const twins = group({ x: { holds: [...firstHalf, ...secondHalf], addresses: ['10.0.0.1:1', '10.0.0.2:5'] } })

    expect(ids(twins)).toEqual(['D02 x'])
    expect(check(twins)[0]?.evidence).toBe(
      'a sees it at 10.0.0.1:1 and 10.0.0.2:5; b sees it at 10.0.0.1:1 and 10.0.0.2:5',
    )
  })

  test('finds a broker that does not list a member it should, and then computes no shares', () => {
    const survey = group({ x: { holds: firstHalf }, y: { holds: [...firstHalf, ...secondHalf], at: ['b'] } })

    expect(ids(survey)).toEqual(['D03 a', 'D05 orders'])
    expect(check(survey)[0]?.evidence).toBe("it does not list y, which other brokers of the group's topics do")
  })

  test('does not wait for a member at a broker that has none of its topics', () => {
    const x = { holds: [], subscriptions: { other: '*' }, at: ['b'] }
    const other = { topic: 'other', queues: [queue(0, 'b', 'other')] }

    expect(ids({ ...group({ x }), topics: [other] })).toEqual(['D04 other'])
  })

  test('finds subscriptions that differ by more than the order of tags', () => {
    const of = (x: string, y: string) =>
      ids(
        group({
          x: { holds: firstHalf, subscriptions: { orders: x } },
          y: { holds: secondHalf, subscriptions: { orders: y } },
        }),
      )

    expect([of('A || B', 'B||A'), of('A', 'B'), of('A', '*')]).toEqual([[], ['D01 orders'], ['D01 orders']])
  })

  test('finds members that share by different strategies', () => {
    const survey = group({ x: { holds: firstHalf }, y: { holds: secondHalf, properties: { strategy: 'circle' } } })

    expect(check(survey)).toMatchObject([{ id: 'D06', subject: 'g', evidence: 'average: x; circle: y' }])
  })

  test('finds every queue held by members that pop from any queue of a broker', () => {
    const survey = group({ x: { holds: [] }, y: { holds: [] } })
    const popped = { droped: false, lastPopTimestamp: 1, waitAckCount: 1 }
    const members = survey.members.map((member) => ({
      ...member,
      info: member.info && { ...member.info, mqPopTable: [[queue(-1), popped] as const] },
    }))

    expect(check({ ...survey, members })).toMatchObject([{ id: 'D04', evidence: 'nobody holds b:0, b:1' }])
  })

  test('of a group that broadcasts tells of one id for several as what it is there: offsets in one file', () => {
    const survey = group({ x: { holds: [...firstHalf, ...secondHalf], addresses: ['h:1', 'h:2'] } })

    expect(check(survey)).toMatchObject([{ id: 'D02', severity: 'error' }])
    const [told] = check({ ...survey, messageModel: 'BROADCASTING' })
    expect(told).toMatchObject({ id: 'D02', severity: 'warning' })
    expect(told?.cause).toContain('offsets in one file')
  })

  test('of a group that broadcasts finds no queue held twice', () => {
    const all = { holds: [...firstHalf, ...secondHalf] }

    expect(check({ ...group({ x: all, y: all }), messageModel: 'BROADCASTING' })).toEqual([])
  })
})

test('only what two looks agree on is a finding', () => {
  const finding = (id: string, subject: string): Finding => {
    return { id, subject, severity: 'error', evidence: '', cause: '', next: '' }
  }

  expect(lasting([finding('D04', 'a'), finding('D05', 'a')], [finding('D04', 'a'), finding('D04', 'b')])).toEqual([
    finding('D04', 'a'),
  ])
})

test('a subscription is what it selects, not how it is written', () => {
  expect(normalised(tagSubscription('t', ' B ||A|| B', 1))).toBe('tags A || B')
  expect(normalised(tagSubscription('t', '*', 1))).toBe(normalised(tagSubscription('t', '', 1)))
  expect(normalised(sqlSubscription('t', 'A', 1))).toBe('SQL92 A')
})
