import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { type ClientOptions, WebSocket } from 'ws'
import { type FeedPlace, FeedServer } from '../../src/cli/feed/feed-server.ts'
import type { FeedFrame, Hello } from '../../src/cli/feed/frames.ts'
import type { GroupSnapshot, Snapshot } from '../../src/core/telemetry/index.ts'
import { EPOCH_MS, VirtualClock } from './virtual-clock.ts'

export const TOKEN = 'a-token_of-this-test'

/** A short folder: paths of sockets may not be long. */
export function scratchFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'mq-feed-'))
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

export function hello(more: Partial<Hello> = {}): Hello {
  const about = { clientId: '10.0.0.1@1#0', group: 'g', topic: 'orders', startedAt: EPOCH_MS }
  return { type: 'hello', proto: 1, app: 'mq', pid: process.pid, ...about, ...more }
}

export function groupSnapshot(more: Partial<GroupSnapshot> = {}): GroupSnapshot {
  const totals = {
    lag: 0,
    retryLag: 0,
    dlq: null,
    cached: 0,
    cachedBytes: 0,
    inflight: 0,
    oldestUnread: null,
    rates: null,
  }
  return { group: 'g', online: true, messageModel: 'CLUSTERING', clients: [], queues: [], totals, ...more }
}

export function snapshotOf(groups: readonly GroupSnapshot[] = [groupSnapshot()], asOf = EPOCH_MS): Snapshot {
  return { schemaVersion: 1, asOf, source: 'process', cluster: 'here', groups, partial: false, errors: [] }
}

/** A feed in virtual time, at a port of its own unless another place is given. */
export async function startFeed(
  options: {
    readonly snapshot?: () => Snapshot
    readonly place?: FeedPlace
    readonly clock?: VirtualClock
    readonly hello?: Hello
  } = {},
) {
  const clock = options.clock ?? new VirtualClock()
  const parts = { clock, hello: options.hello ?? hello(), snapshot: options.snapshot ?? (() => snapshotOf()) }
  const place = options.place ?? { kind: 'tcp', port: 0, token: TOKEN }
  const server = await FeedServer.start(parts, place)
  onTestFinished(async () => {
    server.cut()
    await server.close()
  })
  return { clock, server, port: server.port ?? 0 }
}

/** A reader as any program could be one. */
export class TestReader {
  readonly socket: WebSocket
  readonly frames: FeedFrame[] = []
  /** The code and reason it was closed with, or the status it was refused with. */
  ended: { readonly code: number; readonly reason: string } | undefined

  constructor(port: number, options: ClientOptions & { readonly path?: string } = {}) {
    const { path: url = '/feed', headers, ...rest } = options
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${url}`, {
      headers: { Authorization: `Bearer ${TOKEN}`, ...headers },
      ...rest,
    })
    this.socket.on('message', (data: Buffer) => this.frames.push(JSON.parse(data.toString()) as FeedFrame))
    this.socket.on('unexpected-response', (_request, response) => {
      this.ended ??= { code: response.statusCode ?? 0, reason: '' }
      response.resume()
    })
    this.socket.on('error', () => undefined)
    this.socket.on('close', (code, reason) => {
      this.ended ??= { code, reason: reason.toString() }
    })
    onTestFinished(() => {
      this.socket.terminate()
    })
  }

  sub(more: Readonly<Record<string, unknown>> = {}): void {
    this.socket.send(JSON.stringify({ type: 'sub', proto: 1, rate: 1, events: [], ...more }))
  }

  of<T extends FeedFrame['type']>(type: T): Extract<FeedFrame, { type: T }>[] {
    return this.frames.filter((frame): frame is Extract<FeedFrame, { type: T }> => frame.type === type)
  }
}
