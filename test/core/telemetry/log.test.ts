import { describe, expect, test } from 'vitest'
import {
  changesBetween,
  type LogEntry,
  logChanges,
  logEvent,
  type TelemetryEvent,
} from '../../../src/core/telemetry/index.ts'
import { groupOf, lagging, queueOf, snapshotOf } from '../../support/snapshots.ts'
import { EPOCH_MS } from '../../support/virtual-clock.ts'

const about = { at: EPOCH_MS, group: 'billing', clientId: '10.0.0.7@4711#1' }
const of = (queue: number, afterMs = 0) => ({
  ...about,
  at: EPOCH_MS + afterMs,
  topic: 'orders',
  queue: `broker-a:${queue}`,
})
const flow = (queue: number, held: boolean, afterMs = 0): TelemetryEvent => ({
  ...of(queue, afterMs),
  type: 'flow-control',
  limit: 'count',
  held,
})
const logged = (...events: readonly TelemetryEvent[]): string[] =>
  events.reduce<readonly LogEntry[]>(logEvent, []).map(({ text }) => text)

describe('the log of an engine', () => {
  test('tells what each event means, and which queues it is about', () => {
    const rebalance = { ...about, type: 'rebalance' as const, topic: 'orders', members: 2 }
    expect(logged({ ...rebalance, gained: ['broker-a:0', 'broker-a:1'], lost: ['broker-a:2'] })).toEqual([
      'billing: orders broker-a:0, broker-a:1 taken by 10.0.0.7@4711#1, 2 members now',
      'billing: orders broker-a:2 given up by 10.0.0.7@4711#1, 2 members now',
    ])
    expect(logged(flow(0, true), flow(0, false))).toEqual([
      'billing: orders broker-a:0 waits for room: it holds as many messages as it may',
      'billing: orders broker-a:0 waits for room no more',
    ])
    expect(logged({ ...of(0), type: 'send-back', offset: 812, reconsumeTimes: 2, delayLevel: 0 })).toEqual([
      'billing: orders broker-a:0 offset 812 failed and comes again, as 2 times before',
    ])
    expect(logged({ ...of(0), type: 'lock', held: true }, { ...of(0), type: 'reset', offset: 5 })).toEqual([
      'billing: orders broker-a:0 has the lock of its broker',
      'billing: orders broker-a:0 goes on at 5',
    ])
    const failure = { ...about, type: 'error' as const, code: 'TIMEOUT', message: 'no answer within 3 s' }
    expect(logged({ ...failure, subject: 'orders broker-a:0' }, { ...failure, subject: 'route of orders' })).toEqual([
      'billing: orders broker-a:0: no answer within 3 s',
      'billing: route of orders: no answer within 3 s',
    ])
  })

  test('marks what is at fault, for the log of its queue', () => {
    const [dead] = logEvent([], { ...of(0), type: 'send-back', offset: 9, reconsumeTimes: 16, delayLevel: -1 })
    expect(dead).toMatchObject({ fault: true, kind: 'dead-letters', queues: ['orders broker-a:0'] })
  })

  test('tells alike events together, with how many there were', () => {
    const back = { type: 'send-back', reconsumeTimes: 0, delayLevel: 0 } as const
    const many = Array.from({ length: 30 }, (_, offset) => ({ ...of(offset % 2, offset * 100), ...back, offset }))
    expect(logged(...many)).toEqual(['billing: orders broker-a:0, broker-a:1 30 messages failed and come again'])
    expect(logged(flow(0, true), flow(0, false, 10), flow(0, true, 20), flow(1, true, 30), flow(0, false, 40))).toEqual(
      [
        'billing: orders broker-a:0, broker-a:1 waits for room: it holds as many messages as it may, 3 times',
        'billing: orders broker-a:0 waits for room no more, 2 times',
      ],
    )
  })

  test('begins a new line after a pause, and after a minute', () => {
    expect(logged(flow(0, true), flow(0, true, 11_000))).toHaveLength(2)
    const events = Array.from({ length: 20 }, (_, turn) => flow(0, true, turn * 5000))
    expect(logged(...events)).toHaveLength(2)
  })

  test('is bounded, and knows nothing of what comes with every message', () => {
    const resets = Array.from({ length: 600 }, (_, offset) => ({ ...of(0), type: 'reset' as const, offset }))
    expect(logged(...resets)).toHaveLength(500)
    expect(logged({ ...of(0), type: 'consume', ok: 1, failed: 0, millis: 1 })).toEqual([])
  })
})

describe('a fact that pictures and events tell', () => {
  const before = snapshotOf([groupOf([queueOf(0), queueOf(1)])])
  const after = snapshotOf([groupOf([lagging(0, 1000, { state: 'FLOW' }), lagging(1, 9, { state: 'BLOCK' })])], 1000)
  const changes = changesBetween(before, after)
  const texts = (log: readonly LogEntry[]): string[] => log.map(({ text }) => text)

  test('is told once, by whichever comes first', () => {
    const eventFirst = texts(logChanges(logEvent([], flow(0, true, 800)), changes))
    expect(eventFirst).toEqual([
      'billing: orders broker-a:0 waits for room: it holds as many messages as it may',
      'billing: orders broker-a:1 BLOCK: its head has not moved for a minute',
    ])
    const pictureFirst = texts(logEvent(logChanges([], changes), flow(0, true, 1100)))
    expect(pictureFirst).toEqual([
      'billing: orders broker-a:0 FLOW: the pull stands still at a limit of flow control',
      'billing: orders broker-a:1 BLOCK: its head has not moved for a minute',
    ])
  })

  test('is told again of other queues, and after a while', () => {
    expect(logChanges(logEvent([], flow(3, true, 800)), changes)).toHaveLength(3)
    expect(logChanges(logEvent([], flow(0, true, -9000)), changes)).toHaveLength(3)
  })
})
