import { expect, test } from 'vitest'
import { EventRelay } from '../../../src/cli/dashboard/event-relay.ts'
import { processSource } from '../../../src/cli/feed/process-source.ts'
import { Mailbox, type SourceItem, snapshotsOf } from '../../../src/cli/feed/source.ts'
import { telemetryChannels } from '../../../src/core/telemetry/index.ts'
import { groupSnapshot, snapshotOf } from '../../support/feed.ts'
import { EPOCH_MS, VirtualClock } from '../../support/virtual-clock.ts'

const event = { type: 'reset', at: 1, group: 'g', clientId: 'c', topic: 't', queue: 'b:0', offset: 1 } as const

test('tells snapshots as often as it was asked, and events at once, until it is ended', async () => {
  const clock = new VirtualClock()
  const end = new AbortController()
  const consumer = { snapshot: () => groupSnapshot() }
  const items: SourceItem[] = []
  const reading = (async () => {
    const options = { consumer, clock, cluster: 'here', rate: 4, events: ['reset'] as const, signal: end.signal }
    for await (const item of processSource(options)) items.push(item)
  })()
  await clock.advance(0)
  expect(items).toEqual([{ type: 'snapshot', snapshot: { ...snapshotOf(), asOf: EPOCH_MS } }])
  await clock.advance(1000)
  expect(items.length).toBe(5)

  telemetryChannels.reset.publish(event)
  await clock.advance(0)
  expect(items.at(-1)).toEqual({ type: 'event', event })
  end.abort()
  await reading
  expect(telemetryChannels.reset.hasSubscribers).toBe(false)
  await clock.advance(1000)
  expect(items.length).toBe(6)
})

test('whoever takes slowly gets the latest snapshot, a bounded number of events, and the number of the others', async () => {
  const mailbox = new Mailbox()
  for (let i = 0; i < 1200; i++) mailbox.put({ type: 'event', event })
  mailbox.put({ type: 'snapshot', snapshot: snapshotOf([], 1) })
  mailbox.put({ type: 'snapshot', snapshot: snapshotOf([], 2) })
  mailbox.put({ type: 'dropped', events: 7 })
  mailbox.end()
  const items: SourceItem[] = []
  for await (const item of mailbox.taken()) items.push(item)

  expect(items.length).toBe(1002)
  expect(items.slice(1000)).toEqual([
    { type: 'dropped', events: 207 },
    { type: 'snapshot', snapshot: snapshotOf([], 2) },
  ])
})

test('of snapshots alone, what happened between them is heard by whoever follows, and by nobody else', async () => {
  const mailbox = new Mailbox()
  const relay = new EventRelay()
  relay.tell(event)
  const heard: unknown[] = []
  const stop = relay.follow((told) => heard.push(told))
  mailbox.put({ type: 'event', event })
  mailbox.put({ type: 'dropped', events: 3 })
  mailbox.put({ type: 'snapshot', snapshot: snapshotOf([], 1) })
  mailbox.end()
  const snapshots: unknown[] = []
  for await (const snapshot of snapshotsOf(mailbox.taken(), relay.tell)) snapshots.push(snapshot)

  expect(snapshots).toEqual([snapshotOf([], 1)])
  expect(heard).toEqual([event, { type: 'dropped', events: 3 }])
  stop()
  relay.tell(event)
  expect(heard).toHaveLength(2)
})
