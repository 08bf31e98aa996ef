import { chmodSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket, WebSocketServer } from 'ws'
import { ListenError } from '../../core/errors.ts'
import type { Clock, Timer } from '../../core/support/index.ts'
import { onTelemetry, type Snapshot, type TelemetryEvent, type TelemetryEventType } from '../../core/telemetry/index.ts'
import { refusalOf } from './admission.ts'
import { FeedReader } from './feed-reader.ts'
import type { FeedFrame, Hello } from './frames.ts'

/** More readers are not let in. */
const MAX_READERS = 8
/** Connections that are not readers yet, or never will be. */
const MAX_CONNECTIONS = 32
/** A message of a reader. */
const MAX_PAYLOAD = 16 * 1024
/** How long events are gathered. */
const GATHER_MS = 200
const LOOPBACK = '127.0.0.1'

/** Where a feed listens. */
export type FeedPlace =
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'tcp'; readonly port: number; readonly token: string }

/** What a feed is made of. */
export interface FeedParts {
  readonly clock: Clock
  readonly hello: Hello
  /** How things stand; asked only while somebody reads. */
  readonly snapshot: () => Snapshot
}

/**
 * Serves snapshots and events of one consumer to readers on this host (docs/telemetry.md). Nothing is asked, made or
 * listened to while nobody reads, and no reader can hold anything up.
 */
export class FeedServer {
  readonly #parts: FeedParts
  readonly #http: Server
  readonly #sockets: WebSocketServer
  readonly #readers = new Set<FeedReader>()
  readonly #place: FeedPlace
  #upgrading = 0
  #tick: Timer | undefined
  #gathering: Timer | undefined
  #listening: { readonly types: string; readonly stop: () => void } | undefined
  #isClosed = false

  private constructor(parts: FeedParts, place: FeedPlace, sockets: WebSocketServer) {
    this.#parts = parts
    this.#place = place
    this.#sockets = sockets
    this.#http = createServer({ requestTimeout: 5000, headersTimeout: 5000 }, (_request, response) => {
      response.writeHead(426, { 'Content-Type': 'text/plain' }).end('this is a WebSocket: mq feed tail reads it\n')
    })
    this.#http.maxConnections = MAX_CONNECTIONS
    this.#http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.#upgrade(request, socket, head)
    })
  }

  /** Begins to serve. Rejects with ListenError when that is not possible there. */
  static async start(parts: FeedParts, place: FeedPlace): Promise<FeedServer> {
    const { WebSocketServer } = await import('ws')
    const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_PAYLOAD, perMessageDeflate: false })
    const server = new FeedServer(parts, place, sockets)
    await server.#listen()
    return server
  }

  /** The port at TCP, also where any free one was asked for; `undefined` for a socket. */
  get port(): number | undefined {
    const address = this.#http.address()
    return typeof address === 'object' && address !== null ? address.port : undefined
  }

  /** How many read. */
  get readers(): number {
    return this.#readers.size
  }

  /** Says good-bye to all readers and ends; those that do not hear it are cut off. */
  async close(reason = 'the consumer has ended'): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#tick?.cancel()
    this.#gathering?.cancel()
    this.#listening?.stop()
    const bye: FeedFrame = { type: 'bye', reason }
    for (const reader of this.#readers) {
      reader.flush()
      reader.send(JSON.stringify(bye))
      reader.close(1001, reason)
    }
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()))
    const late = this.#parts.clock.after(500, () => {
      this.cut()
    })
    this.#http.closeIdleConnections()
    await closed
    late.cancel()
  }

  /** Cuts all readers off, without a word. */
  cut(): void {
    for (const reader of this.#readers) reader.drop()
    this.#http.closeAllConnections()
  }

  async #listen(): Promise<void> {
    const place = this.#place
    const options = place.kind === 'socket' ? { path: place.path } : { host: LOOPBACK, port: place.port }
    await new Promise<void>((resolve, reject) => {
      this.#http.once('error', (cause) => {
        const where = place.kind === 'socket' ? place.path : `${LOOPBACK}:${place.port}`
        const suggestions =
          place.kind === 'tcp' ? ['take any free port with --feed=0'] : ['serve the feed at a port: --feed=0']
        reject(new ListenError(`cannot serve the feed at ${where}: ${cause.message}`, { cause, suggestions }))
      })
      this.#http.listen(options, resolve)
    })
    if (place.kind === 'socket') chmodSync(place.path, 0o600)
    // An error of a server that listens is one of a connection that was not made.
    this.#http.removeAllListeners('error').on('error', () => undefined)
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => undefined)
    const refusal = refusalOf(request, {
      port: this.port,
      token: this.#place.kind === 'tcp' ? this.#place.token : undefined,
      hasRoom: !this.#isClosed && this.#readers.size + this.#upgrading < MAX_READERS,
    })
    if (refusal !== undefined) {
      const { status, reason } = refusal
      const body = `${reason}\n`
      socket.end(
        `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      )
      return
    }
    this.#upgrading += 1
    const done = (): void => {
      this.#upgrading -= 1
      socket.off('close', done)
    }
    // One that asks wrongly for a WebSocket is answered and closed by ws.
    socket.once('close', done)
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      done()
      this.#begin(webSocket)
    })
  }

  #begin(socket: WebSocket): void {
    const { clock, hello } = this.#parts
    const reader: FeedReader = new FeedReader({
      socket,
      clock,
      changed: () => {
        if (socket.readyState === socket.CLOSED) this.#readers.delete(reader)
        this.#wantedChanged()
      },
    })
    this.#readers.add(reader)
    reader.send(JSON.stringify(hello))
  }

  #wantedChanged(): void {
    if (this.#isClosed) return
    this.#followEvents()
    this.#schedule()
  }

  /** Listens to what anybody wants, and to nothing else. */
  #followEvents(): void {
    const types = [...new Set([...this.#readers].flatMap((reader) => [...(reader.events ?? [])]))].sort()
    if (types.join() === (this.#listening?.types ?? '')) return
    this.#listening?.stop()
    this.#listening = types.length === 0 ? undefined : { types: types.join(), stop: this.#onEvents(types) }
  }

  #onEvents(types: readonly TelemetryEventType[]): () => void {
    const { clientId, group } = this.#parts.hello
    return onTelemetry(types, (event: TelemetryEvent) => {
      if (event.clientId !== clientId || event.group !== group) return
      for (const reader of this.#readers) reader.happened(event)
      this.#gathering ??= this.#parts.clock.after(GATHER_MS, () => {
        this.#gathering = undefined
        for (const reader of this.#readers) reader.flush()
      })
    })
  }

  /** At the time of the next snapshot that anybody is to have. */
  #schedule(): void {
    const { clock } = this.#parts
    const due = [...this.#readers].flatMap(({ dueAt }) => dueAt ?? [])
    this.#tick?.cancel()
    this.#tick = undefined
    if (due.length === 0 || this.#isClosed) return
    this.#tick = clock.after(Math.max(0, Math.min(...due) - clock.monotonic()), () => {
      this.#send()
    })
  }

  /** One snapshot for all that are due, made and written once. */
  #send(): void {
    const now = this.#parts.clock.monotonic()
    const due = [...this.#readers].filter(({ dueAt }) => dueAt !== undefined && dueAt <= now)
    if (due.length > 0) {
      const snapshot: Snapshot = { ...this.#parts.snapshot(), source: 'feed' }
      const text = JSON.stringify(snapshot)
      for (const reader of due) reader.snapshot(text, now)
    }
    this.#schedule()
  }
}
