import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { processSnapshot } from '../../../src/cli/feed/process-source.ts'
import { telemetryChannels } from '../../../src/core/telemetry/index.ts'
import { ConsumerGroup, type Member } from '../../support/consumer-group.ts'
import { EmbeddedCluster } from '../../support/embedded-cluster.ts'
import { groupSnapshot, hello, snapshotOf, startFeed, TestReader } from '../../support/feed.ts'

const patient = { timeout: 10_000 }

test('says who it is, and sends snapshots as often as it was asked', async () => {
  const { clock, port } = await startFeed()
  const reader = new TestReader(port)
  await vi.waitFor(() => expect(reader.frames).toEqual([hello()]), patient)
  reader.sub({ rate: 2 })
  await vi.waitFor(async () => {
    await clock.advance(0)
    expect(reader.of('snap')).toEqual([{ type: 'snap', seq: 1, snapshot: { ...snapshotOf(), source: 'feed' } }])
  }, patient)

  for (let seq = 2; seq <= 5; seq++) {
    await clock.advance(500)
    await vi.waitFor(() => expect(reader.of('snap').at(-1)?.seq).toBe(seq), patient)
  }
})

test('makes nothing and listens to nothing while nobody reads', async () => {
  const snapshot = vi.fn(() => snapshotOf())
  const { clock, port, server } = await startFeed({ snapshot })
  const reader = new TestReader(port)
  await vi.waitFor(() => expect(server.readers).toBe(1), patient)
  await clock.advance(5000)
  expect(snapshot).not.toHaveBeenCalled()

  reader.sub({ events: ['rebalance'] })
  await vi.waitFor(() => expect(telemetryChannels.rebalance.hasSubscribers).toBe(true), patient)
  expect(telemetryChannels.consume.hasSubscribers).toBe(false)
  reader.socket.close()
  await vi.waitFor(() => expect(server.readers).toBe(0), patient)
  expect(telemetryChannels.rebalance.hasSubscribers).toBe(false)
  snapshot.mockClear()
  await clock.advance(60_000)
  expect(snapshot).not.toHaveBeenCalled()
})

test('sends the events that were asked for, of its own consumer, and says how many more there were', async () => {
  const { clock, port } = await startFeed()
  const reader = new TestReader(port)
  await vi.waitFor(() => expect(reader.frames.length).toBe(1), patient)
  reader.sub({ events: ['error'] })
  await vi.waitFor(() => expect(telemetryChannels.error.hasSubscribers).toBe(true), patient)
  const event = (message: string, more = {}) => ({
    type: 'error' as const,
    at: 1,
    group: 'g',
    clientId: '10.0.0.1@1#0',
    subject: 'orders',
    code: 'TIMEOUT',
    message,
    ...more,
  })
  telemetryChannels.error.publish(event('of another', { clientId: 'another' }))
  for (let i = 0; i < 250; i++) telemetryChannels.error.publish(event(String(i)))
  await clock.advance(200)

  await vi.waitFor(() => expect(reader.of('events').length).toBe(1), patient)
  const [frame] = reader.of('events')
  expect(frame?.events.length).toBe(200)
  expect(frame?.events[0]).toEqual(event('0'))
  expect(frame?.dropped).toBe(50)
})

test('says good-bye when the consumer ends', async () => {
  const { server, port, clock } = await startFeed()
  const reader = new TestReader(port)
  await vi.waitFor(() => expect(reader.frames.length).toBe(1), patient)
  const closing = server.close()
  await vi.waitFor(() => expect(reader.of('bye')).toEqual([{ type: 'bye', reason: 'the consumer has ended' }]), patient)
  await clock.advance(500)
  await closing
})

test('a port that is taken is refused with what to do', async () => {
  const { port } = await startFeed()
  await expect(startFeed({ place: { kind: 'tcp', port, token: 't' } })).rejects.toMatchObject({
    code: 'LISTEN',
    suggestions: ['take any free port with --feed=0'],
  })
})

describe('whatever a reader does, the consumer is unharmed, and others read on', () => {
  let cluster: EmbeddedCluster
  let group: ConsumerGroup
  let member: Member

  beforeEach(async () => {
    cluster = await EmbeddedCluster.start()
    group = await ConsumerGroup.create(cluster, 2)
    member = await group.join()
    await group.until(() => member.consumer.balanced)
  })

  afterEach(async () => {
    await cluster.close()
  })

  /** A feed of the consumer with a reader in good order. */
  async function feed() {
    const { consumer, client } = member
    const watched = { consumer, clock: cluster.clock, cluster: 'here' }
    const about = hello({ clientId: client.clientId })
    const { server, port } = await startFeed({
      clock: cluster.clock,
      hello: about,
      snapshot: () => processSnapshot(watched),
    })
    const good = await reading(port)
    return { server, port, good }
  }

  async function reading(port: number, rate = 5): Promise<TestReader> {
    const reader = new TestReader(port)
    await vi.waitFor(() => expect(reader.of('hello').length).toBe(1), patient)
    reader.sub({ rate })
    await vi.waitFor(async () => {
      await cluster.clock.advance(1)
      expect(reader.of('snap').length).toBeGreaterThan(0)
    }, patient)
    return reader
  }

  /** Messages are consumed, and the reader in good order sees it. */
  async function unharmed(good: TestReader): Promise<void> {
    const before = member.consumer.stats.totals.ok
    await group.produce(20)
    await group.drained()
    expect(member.consumer.stats.totals.ok).toBe(before + 20)
    await vi.waitFor(async () => {
      await cluster.clock.advance(200)
      const { snapshot } = good.of('snap').at(-1) ?? {}
      expect(snapshot?.groups[0]?.clients[0]?.counts?.ok).toBe(before + 20)
    }, patient)
    expect(group.duplicates).toBe(0)
  }

  test.each([
    ['a wrong token', { headers: { Authorization: 'Bearer wrong' } }, 401],
    ['no token', { headers: { Authorization: '' } }, 401],
    ['a wrong host', { headers: { Host: '127.evil.example' } }, 403],
    ['an Origin', { origin: 'http://127.0.0.1' }, 403],
    ['another path', { path: '/' }, 404],
  ])('%s is refused', async (_, options, status) => {
    const { port, good, server } = await feed()
    const bad = new TestReader(port, options)
    await vi.waitFor(() => expect(bad.ended?.code).toBe(status), patient)

    expect(server.readers).toBe(1)
    await unharmed(good)
  })

  test.each([
    ['an oversized frame', 'x'.repeat(20_000), 1009],
    ['something that is no message', 'hello?', 1008],
    ['a rate that is not to be had', '{"type":"sub","proto":1,"rate":1000}', 1008],
    ['an event that does not exist', '{"type":"sub","proto":1,"rate":1,"events":["__proto__"]}', 1008],
  ])('%s closes the connection', async (_, text, code) => {
    const { port, good, server } = await feed()
    const bad = new TestReader(port)
    await vi.waitFor(() => expect(bad.of('hello').length).toBe(1), patient)
    bad.socket.send(text)
    await vi.waitFor(() => expect(bad.ended?.code).toBe(code), patient)

    await vi.waitFor(() => expect(server.readers).toBe(1), patient)
    await unharmed(good)
  })

  test('a reader of another version is told so, with 4400', async () => {
    const { port, good } = await feed()
    const other = new TestReader(port)
    await vi.waitFor(() => expect(other.of('hello').length).toBe(1), patient)
    other.sub({ proto: 2 })
    await vi.waitFor(() => expect(other.ended).toBeDefined(), patient)

    expect(other.ended).toEqual({ code: 4400, reason: 'this feed speaks version 1, not 2: use the mq that serves it' })
    await unharmed(good)
  })

  test('a reader that does not say what it wants is let go after 10 s', async () => {
    const { port, good } = await feed()
    const silent = new TestReader(port)
    await vi.waitFor(() => expect(silent.of('hello').length).toBe(1), patient)
    await cluster.clock.advance(10_000)
    await vi.waitFor(() => expect(silent.ended?.code).toBe(4408), patient)

    await unharmed(good)
  })

  test('a reader that does not answer a ping is dropped', async () => {
    const { port, good, server } = await feed()
    const dead = new TestReader(port, { autoPong: false })
    await vi.waitFor(() => expect(dead.of('hello').length).toBe(1), patient)
    dead.sub({ rate: 0.1 })
    await vi.waitFor(async () => {
      // The one in good order answers between two steps.
      await cluster.clock.advance(1000)
      await new Promise((resolve) => setImmediate(resolve))
      expect(server.readers).toBe(1)
    }, patient)

    expect(good.ended).toBeUndefined()
    await unharmed(good)
  })

  test('eight readers are served, a ninth is refused until one of them goes', async () => {
    const { port, good, server } = await feed()
    const others = await Promise.all(Array.from({ length: 7 }, () => reading(port)))
    expect(server.readers).toBe(8)
    const ninth = new TestReader(port)
    await vi.waitFor(() => expect(ninth.ended?.code).toBe(503), patient)

    await unharmed(good)
    const seen = await Promise.all(
      others.map(async (reader) => {
        await vi.waitFor(
          () => expect(reader.of('snap').at(-1)?.snapshot.groups[0]?.clients[0]?.counts?.ok).toBe(20),
          patient,
        )
        return reader.ended
      }),
    )
    expect(seen).toEqual(Array.from({ length: 7 }, () => undefined))
    others[0]?.socket.close()
    await vi.waitFor(() => expect(server.readers).toBe(7), patient)
    await reading(port)
  })
})

test('a paused reader misses snapshots, is dropped after 10 s, and holds up nobody', async () => {
  const large = snapshotOf([groupSnapshot({ group: 'x'.repeat(500_000) })])
  const { clock, port, server } = await startFeed({ snapshot: () => large })
  const good = new TestReader(port)
  const paused = new TestReader(port)
  await vi.waitFor(() => expect(server.readers).toBe(2), patient)
  await vi.waitFor(() => expect([good, paused].map(({ frames }) => frames.length)).toEqual([1, 1]), patient)
  good.sub({ rate: 5 })
  paused.sub({ rate: 5 })
  await vi.waitFor(async () => {
    await clock.advance(0)
    expect(paused.of('snap').length).toBe(1)
  }, patient)
  paused.socket.pause()

  // As much as the buffers of the system take, then 10 s; the one in good order takes each meanwhile.
  let steps = 0
  for (; server.readers === 2 && steps < 1000; steps++) {
    const before = good.of('snap').length
    await clock.advance(200)
    await vi.waitFor(() => expect(good.of('snap').length).toBe(before + 1), patient)
  }
  expect(steps).toBeGreaterThan(50)
  expect(server.readers).toBe(1)
  expect(good.of('snap').map(({ seq }) => seq)).toEqual(good.of('snap').map((_, index) => index + 1))
}, 60_000)
