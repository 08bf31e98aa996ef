import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { WebSocketServer } from 'ws'
import { FeedSource } from '../../../src/cli/feed/feed-source.ts'
import { type SourceItem, snapshotsOf } from '../../../src/cli/feed/source.ts'
import { telemetryChannels } from '../../../src/core/telemetry/index.ts'
import { hello, scratchFolder, snapshotOf, startFeed, TOKEN } from '../../support/feed.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const patient = { timeout: 10_000 }

/** Reads a feed of this process, and collects what it tells. */
function read(
  address: ConstructorParameters<typeof FeedSource>[0]['feed']['address'],
  options: { pid?: number; clock?: VirtualClock } = {},
) {
  const clock = options.clock ?? new VirtualClock()
  const end = new AbortController()
  onTestFinished(() => {
    end.abort()
  })
  const feed = { pid: options.pid ?? process.pid, address }
  const source = new FeedSource({ feed, clock, rate: 1, events: ['error'], signal: end.signal })
  const items: SourceItem[] = []
  const done = (async () => {
    for await (const item of source) items.push(item)
  })()
  done.catch(() => undefined)
  return { source, items, done, end, clock, types: () => items.map(({ type }) => type) }
}

test.each(['plain', 'a b:ü%20'])(
  "reads snapshots and events at a socket, also in a folder named '%s'",
  async (name) => {
    const { mkdirSync } = await import('node:fs')
    const folder = `${scratchFolder()}/${name}`
    mkdirSync(folder)
    const { clock, server } = await startFeed({ place: { kind: 'socket', path: `${folder}/1.sock` } })
    const { source, items, done, end } = read({ kind: 'socket', path: `${folder}/1.sock` })
    await vi.waitFor(() => expect(telemetryChannels.error.hasSubscribers).toBe(true), patient)
    const event = {
      type: 'error',
      at: 1,
      group: 'g',
      clientId: '10.0.0.1@1#0',
      subject: 's',
      code: 'TIMEOUT',
      message: 'm',
    }
    telemetryChannels.error.publish(event)
    await clock.advance(200)

    await vi.waitFor(() => expect(items).toContainEqual({ type: 'event', event }), patient)
    expect(items).toContainEqual({ type: 'snapshot', snapshot: { ...snapshotOf(), source: 'feed' } })
    expect(source.hello).toEqual(hello())
    end.abort()
    await done
    await vi.waitFor(() => expect(server.readers).toBe(0), patient)
  },
)

test('ends when the consumer does', async () => {
  const { server, port, clock } = await startFeed()
  const { source, done } = read({ kind: 'tcp', port, token: TOKEN })
  await vi.waitFor(() => expect(source.hello).toBeDefined(), patient)
  const closing = server.close()
  await done
  await clock.advance(500)
  await closing
})

test('says that it is lost, tries again with a pause, and says that it is found', async () => {
  const first = await startFeed()
  const { port } = first
  const reading = read({ kind: 'tcp', port, token: TOKEN })
  await vi.waitFor(async () => {
    await first.clock.advance(0)
    expect(reading.types()).toEqual(['snapshot'])
  }, patient)
  first.server.cut()
  await first.server.close()
  await vi.waitFor(() => expect(reading.types()).toContain('lost'), patient)

  // Nobody there: once more, twice as long after.
  await vi.waitFor(async () => {
    await reading.clock.advance(500)
    expect(reading.types().filter((type) => type === 'lost').length).toBeGreaterThan(1)
  }, patient)
  const second = await startFeed({ place: { kind: 'tcp', port, token: TOKEN } })
  await vi.waitFor(async () => {
    await reading.clock.advance(500)
    expect(reading.types()).toContain('found')
  }, patient)
  await vi.waitFor(async () => {
    await second.clock.advance(0)
    expect(reading.types().at(-1)).toBe('snapshot')
  }, patient)
})

test('ends when the process of a lost feed is gone', async () => {
  const { server, port } = await startFeed()
  // Nobody has this number: Linux and macOS count no further than 4,194,304.
  const { source, done, types } = read({ kind: 'tcp', port, token: TOKEN }, { pid: 2 ** 30 })
  await vi.waitFor(() => expect(source.hello).toBeDefined(), patient)
  server.cut()
  await done
  expect(types()).not.toContain('lost')
})

describe('rejects where trying again is of no use', () => {
  test('nobody listens there', async () => {
    const { server, port } = await startFeed()
    await server.close()
    await expect(read({ kind: 'tcp', port, token: TOKEN }).done).rejects.toMatchObject({ code: 'UNREACHABLE' })
    const nowhere = { kind: 'socket', path: `${scratchFolder()}/none.sock` } as const
    await expect(read(nowhere).done).rejects.toMatchObject({ code: 'UNREACHABLE' })
  })

  test('the token is another', async () => {
    const { port } = await startFeed()
    await expect(read({ kind: 'tcp', port, token: 'wrong' }).done).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
  })

  test('the feed is of another version, by its own word or by its refusal', async () => {
    const { port } = await startFeed({ hello: hello({ proto: 7 }) })
    await expect(read({ kind: 'tcp', port, token: TOKEN }).done).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('version 7') as string,
    })

    const other = new WebSocketServer({ host: '127.0.0.1', port: 0 })
    onTestFinished(() => {
      other.close()
    })
    other.on('connection', (socket) => {
      socket.send(JSON.stringify(hello()))
      socket.on('message', () => {
        socket.close(4400, 'this feed speaks version 2')
      })
    })
    await new Promise<void>((resolve) => {
      other.once('listening', () => resolve())
    })
    const address = other.address()
    const otherPort = typeof address === 'object' && address !== null ? address.port : 0
    await expect(read({ kind: 'tcp', port: otherPort, token: TOKEN }).done).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('this feed speaks version 2') as string,
    })
  })

  test('it does not say anything', async () => {
    const silent = new WebSocketServer({ host: '127.0.0.1', port: 0 })
    onTestFinished(() => {
      silent.close()
    })
    const connected = new Promise<void>((resolve) => {
      silent.once('connection', () => resolve())
    })
    await new Promise<void>((resolve) => {
      silent.once('listening', () => resolve())
    })
    const address = silent.address()
    const reading = read({
      kind: 'tcp',
      port: typeof address === 'object' && address !== null ? address.port : 0,
      token: TOKEN,
    })
    await connected
    await reading.clock.advance(5000)
    await expect(reading.done).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining('say') as string,
    })
  })
})

test('for those who want snapshots only, the last one comes again when it is lost, and says so', async () => {
  async function* items(): AsyncGenerator<SourceItem> {
    yield { type: 'lost', at: 0, reason: 'before anything came' }
    yield { type: 'snapshot', snapshot: snapshotOf() }
    yield { type: 'dropped', events: 3 }
    yield { type: 'lost', at: 1, reason: 'the line is cut' }
    yield { type: 'found' }
    await Promise.resolve()
  }
  const seen = []
  for await (const snapshot of snapshotsOf(items())) seen.push([snapshot.partial, snapshot.asOf, snapshot.errors])

  const { asOf } = snapshotOf()
  expect(seen).toEqual([
    [false, asOf, []],
    [true, asOf, [{ subject: 'the feed', message: 'the line is cut' }]],
  ])
})
