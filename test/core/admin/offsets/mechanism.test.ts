import { describe, expect, test } from 'vitest'
import type { GroupMemberFacts, Membership } from '../../../../src/core/admin/offsets/group-members.ts'
import { chooseMechanisms, type MechanismQuestion } from '../../../../src/core/admin/offsets/mechanism.ts'
import { RefusedError } from '../../../../src/core/errors.ts'

const info = (properties: Record<string, string> = {}, topics = ['orders']) => ({
  jstack: undefined,
  mqPopTable: [],
  mqTable: topics.map(
    (topic) =>
      [
        { topic, brokerName: 'a', queueId: 0 },
        {
          cachedMsgCount: 0,
          cachedMsgMaxOffset: 0,
          cachedMsgMinOffset: 0,
          cachedMsgSizeInMiB: 0,
          commitOffset: 1,
          droped: false,
          lastConsumeTimestamp: 0,
          lastLockTimestamp: 0,
          lastPullTimestamp: 0,
          locked: true,
          transactionMsgCount: 0,
          transactionMsgMaxOffset: 0,
          transactionMsgMinOffset: 0,
          tryUnlockTimes: 0,
        },
      ] as const,
  ),
  properties: new Map(Object.entries(properties)),
  statusTable: new Map(),
  subscriptionSet: [],
  userConsumerInfo: new Map<string, string>(),
})

const member = (change: Partial<GroupMemberFacts> = {}): GroupMemberFacts => ({
  clientId: 'c',
  addresses: ['10.0.0.9:1'],
  language: 'JAVA',
  version: 407,
  info: info(),
  silent: undefined,
  ...change,
})

const online = (members: readonly GroupMemberFacts[], change: Partial<Membership> = {}): Membership => ({
  members,
  messageModel: 'CLUSTERING',
  consumeType: 'CONSUME_PASSIVELY',
  subscribed: new Set(['orders']),
  ...change,
})

const offline: Membership = { members: [], messageModel: undefined, consumeType: undefined, subscribed: new Set() }
const old = { brokerName: 'a', version: 407, serverSide: false }
const young = { brokerName: 'b', version: 513, serverSide: true }

const choose = (change: Partial<MechanismQuestion>) =>
  Object.fromEntries(
    chooseMechanisms({
      group: 'g',
      topic: 'orders',
      schemes: [old],
      membership: offline,
      kind: 'other',
      partial: new Set(),
      ...change,
    }),
  )

describe('the mechanism', () => {
  test('is the broker’s own where it has one, whoever is online', () => {
    expect(choose({ schemes: [young] })).toEqual({ b: 'server-side' })
    expect(choose({ schemes: [young], membership: online([member({ language: 'CPP', info: undefined })]) })).toEqual({
      b: 'server-side',
    })
  })

  test('is a commit where nobody is online', () => {
    expect(choose({})).toEqual({ a: 'commit' })
  })

  test('is a commit where members have nothing to do with the topic', () => {
    const membership = online([member({ info: info({}, ['bills']) })], { subscribed: new Set(['bills']) })

    expect(choose({ membership })).toEqual({ a: 'commit' })
  })

  test.each(['first', 'last', 'time'] as const)('tells members to go to %s', (kind) => {
    expect(choose({ membership: online([member(), member({ language: 'GO' })]), kind })).toEqual({ a: 'client-push' })
  })

  test('is chosen for each broker by itself', () => {
    expect(choose({ schemes: [old, young], membership: online([member()]), kind: 'first' })).toEqual({
      a: 'client-push',
      b: 'server-side',
    })
  })
})

describe('what members that are online cannot be told', () => {
  const refused = (change: Partial<MechanismQuestion>, words: string): void => {
    expect(() => choose(change)).toThrow(RefusedError)
    expect(() => choose(change)).toThrow(words)
  }

  test('is an offset, or some of the queues', () => {
    refused({ membership: online([member()]) }, 'broker a (4.9.7) can only move to a time')
    refused({ membership: online([member()]), kind: 'first', partial: new Set(['a']) }, 'all queues of the topic')
  })

  test('is anything, for languages and kinds of consumers that do not obey', () => {
    refused({ membership: online([member({ language: 'CPP' })]), kind: 'first' }, 'c (CPP)')
    const pulling = info({ PROP_CONSUME_TYPE: 'CONSUME_ACTIVELY' })
    refused({ membership: online([member({ info: pulling })]), kind: 'first' }, 'c (JAVA)')
    refused({ membership: online([member({ language: 'OTHER', info: undefined })]), kind: 'first' }, 'c (OTHER)')
  })

  test('is anything, where a member that tells nothing of itself may have the topic', () => {
    const membership = online([member({ info: undefined, silent: 'unanswered' })], { subscribed: new Set() })

    refused({ membership }, 'can only move to a time')
  })

  test('is anything, for members that broadcast', () => {
    refused({ membership: online([member()], { messageModel: 'BROADCASTING' }), schemes: [young] }, 'is broadcasting')
  })
})
