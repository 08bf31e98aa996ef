import { describe, expect, it } from 'vitest'
import { openBrokerStore } from '../../../src/core/broker/store/broker-store.ts'
import { MemoryStore } from '../../../src/core/broker/store/memory-store.ts'
import { topicConfig } from '../../../src/core/broker/topic-rules.ts'
import { decodeMessages } from '../../../src/core/protocol/index.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'
import { refusal, startTestBroker } from './test-broker.ts'

const HOUR_MS = 3_600_000
const queue = { topic: 'orders', queueId: 0 }

describe('retention', () => {
  it('removes what is older than its limit, the oldest first, and moves the queue’s beginning', async () => {
    const { client, clock } = await startTestBroker({ retention: { maxAgeMs: 10 * HOUR_MS } })
    for (let i = 0; i < 5; i++) {
      await client.send('orders', String(i), { properties: { KEYS: 'k' } })
      await clock.advance(HOUR_MS)
    }

    await clock.advance(8 * HOUR_MS)

    expect(await client.invoke('getMinOffset', queue)).toMatchObject({ offset: 3 })
    expect(await client.invoke('getMaxOffset', queue)).toMatchObject({ offset: 5 })
    expect(await client.pull('orders')).toMatchObject({ outcome: 'OFFSET_MOVED', nextBeginOffset: 3 })
    expect((await client.messages('orders', { offset: 3 })).map(({ body }) => body.toString())).toEqual(['3', '4'])
    expect((await refusal(client.invoke('viewMessageById', { offset: 0n }))).code).toBe(1)
    const query = { topic: 'orders', key: 'k', maxNum: 10, beginTimestamp: 0n, endTimestamp: 10n ** 15n }
    expect(decodeMessages((await client.invoke('queryMessage', query)).body)).toHaveLength(2)
  })

  it('lets an emptied queue go on where it was', async () => {
    const { client, clock } = await startTestBroker({ retention: { maxAgeMs: 10 * HOUR_MS } })
    for (let i = 0; i < 3; i++) await client.send('orders', String(i))
    await clock.advance(12 * HOUR_MS)
    await client.send('bills', 'newer')
    await clock.advance(HOUR_MS)
    expect(await client.invoke('getMinOffset', queue)).toMatchObject({ offset: 3 })
    expect(await client.invoke('getMaxOffset', queue)).toMatchObject({ offset: 3 })

    const sent = await client.send('orders', 'again')

    expect(sent.queueOffset).toBe(3)
    const fresh = { consumerGroup: 'g', ...queue }
    expect(await client.invoke('queryConsumerOffset', fresh)).toMatchObject({ outcome: 'NOT_FOUND' })
  })

  it('keeps about as many bytes as it may', async () => {
    const { client, clock } = await startTestBroker({ retention: { maxBytes: 100_000 } })
    for (let i = 0; i < 30; i++) await client.send('orders', 'x'.repeat(10_000))

    await clock.advance(60_000)

    const { offset } = await client.invoke('getMinOffset', queue)
    expect(offset).toBeGreaterThanOrEqual(20)
    expect(offset).toBeLessThanOrEqual(22)
  })

  it('never removes a message before its delay is over', async () => {
    const { client, clock } = await startTestBroker({ retention: { maxAgeMs: HOUR_MS } })
    await client.send('orders', 'late', { properties: { DELAY: '18' } })
    await client.send('orders', 'later', { properties: { TIMER_DELAY_SEC: '10800' } })
    await client.send('orders', 'now')
    await client.send('bills', 'newest')

    await clock.advance(2 * HOUR_MS)
    expect(await client.invoke('getMinOffset', queue)).toMatchObject({ offset: 1 })
    expect((await client.messages('orders', { offset: 1 })).map(({ body }) => body.toString())).toEqual(['late'])
    await clock.advance(HOUR_MS)

    expect((await client.messages('orders', { offset: 2 })).map(({ body }) => body.toString())).toEqual(['later'])
    const waiting = { topic: 'rmq_sys_wheel_timer', queueId: 0 }
    await clock.advance(60_000)
    expect(await client.invoke('getMinOffset', waiting)).toMatchObject({ offset: 1 })
  })
})

/** The parts of a store, opened on a key–value store that outlives them. */
function openParts(store: MemoryStore, clock: VirtualClock) {
  const background: Promise<void>[] = []
  const parts = openBrokerStore({
    store,
    clock,
    storeHost: () => ({ ip: '127.0.0.1', port: 1 }),
    onStored: () => undefined,
    onFatal: (error) => {
      throw error
    },
    inBackground: (_what, work) => background.push(work()),
  })
  return { ...parts, background }
}

function message(topic: string, body = 'x') {
  return {
    topic,
    queueId: 0,
    flag: 0,
    sysFlag: 0,
    bornTimestamp: 1,
    bornHost: { ip: '127.0.0.1', port: 1 },
    reconsumeTimes: 0,
    body: Buffer.from(body),
    properties: new Map<string, string>(),
  }
}

describe('what is left of removed messages', () => {
  it('keeps positions, offsets and times going on after a restart, also when nothing is left', async () => {
    const [store, clock] = [new MemoryStore(), new VirtualClock()]
    const before = openParts(store, clock)
    before.topics.put(topicConfig('orders', 1))
    await before.messages.append([message('orders'), message('orders'), message('orders')])
    const next = before.log.next
    await before.cleaner.expire({ beforeMs: clock.now() + 1, belowPosition: 0 })

    const after = openParts(store, new VirtualClock())
    const [stored] = await after.messages.append([message('orders')])

    expect(stored).toMatchObject({ queueOffset: 3, position: next })
    expect(after.messages.bounds('orders', 0)).toMatchObject({ max: 4 })
  })

  it('never stores a message at an earlier time than the one before, even when the clock goes back', async () => {
    const store = new MemoryStore()
    const later = new VirtualClock()
    await later.advance(60_000)
    const before = openParts(store, later)
    before.topics.put(topicConfig('orders', 1))
    await before.messages.append([message('orders')])

    const after = openParts(store, new VirtualClock())
    await after.messages.append([message('orders')])

    expect(after.messages.storeTimeAt('orders', 0, 1)).toBe(later.now())
  })

  it('of a deleted topic goes in the background, and after a crash at the next start', async () => {
    const [store, clock] = [new MemoryStore(), new VirtualClock()]
    const before = openParts(store, clock)
    for (const name of ['kept', 'deleted', 'crashed']) before.topics.put(topicConfig(name, 1))
    const many = Array.from({ length: 2500 }, () => message('deleted'))
    await before.messages.append([message('kept'), message('crashed'), ...many])
    const ids = ['deleted', 'crashed'].map((name) => before.topics.delete(name)!.id)
    before.cleaner.removeTopic(ids[0]!)
    await Promise.all(before.background)
    const rows = () => store.range('queue', { start: Buffer.alloc(12), end: Buffer.alloc(12, 0xff) }).length
    expect(rows()).toBe(2)

    await openParts(store, clock).cleaner.removeOrphans()

    expect(rows()).toBe(1)
  })

  it('of an earlier topic of the same name does not touch the later one', async () => {
    const [store, clock] = [new MemoryStore(), new VirtualClock()]
    const parts = openParts(store, clock)
    parts.topics.put(topicConfig('orders', 1))
    await parts.messages.append([message('orders'), message('orders')])
    parts.topics.delete('orders')
    parts.topics.put(topicConfig('orders', 1))
    await clock.advance(1000)
    await parts.messages.append([message('orders'), message('orders')])

    const removed = await parts.cleaner.expire({ beforeMs: clock.now(), belowPosition: 0 })

    expect(removed).toBe(2)
    expect(parts.messages.bounds('orders', 0)).toMatchObject({ min: 0, max: 2 })
  })
})
