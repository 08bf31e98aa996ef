import type { WebSocket } from 'ws'
import type { Clock, Timer } from '../../core/support/index.ts'
import type { TelemetryEvent, TelemetryEventType } from '../../core/telemetry/index.ts'
import { FEED_PROTO, FeedClose, type FeedFrame, readSub } from './frames.ts'

/** What waits to be sent to a reader that does not read; beyond it, nothing more is sent. */
const MAX_BUFFERED = 256 * 1024
/** How long a reader may stand still so, and how long it may leave open what it wants. */
const STUCK_MS = 10_000
const SUB_MS = 10_000
/** Events that one message may hold. */
const MAX_EVENTS = 200
const PING_MS = 15_000

/** What a reader needs from its feed. */
export interface FeedReaderParts {
  readonly socket: WebSocket
  readonly clock: Clock
  /** It wants something else than before, or nothing any more. */
  readonly changed: () => void
}

/**
 * One reader of a feed. It is sent what it has asked for as long as it reads; whatever it does, nobody waits for it: of
 * snapshots the latest wins, and one that stands still is dropped.
 */
export class FeedReader {
  readonly #parts: FeedReaderParts
  #pinging: Timer | undefined
  #events: TelemetryEvent[] = []
  #dropped = 0
  #wanted: { readonly everyMs: number; readonly events: ReadonlySet<TelemetryEventType> } | undefined
  #nextAt = 0
  #seq = 0
  #stuckSince: number | undefined
  #isAlive = true
  #isOpen = true
  readonly #unsubscribed: Timer

  constructor(parts: FeedReaderParts) {
    this.#parts = parts
    const { socket, clock } = parts
    this.#unsubscribed = clock.after(SUB_MS, () => {
      this.close(FeedClose.NO_SUB, 'it has not said what it wants')
    })
    socket.on('message', (data, isBinary) => {
      this.#heard(isBinary ? '' : textOf(data))
    })
    socket.on('pong', () => {
      this.#isAlive = true
    })
    // What is wrong with a message, as its size, closes the connection by itself.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#ended()
    })
    this.#ping()
  }

  /** Types of events it wants. */
  get events(): ReadonlySet<TelemetryEventType> | undefined {
    return this.#wanted?.events
  }

  /** When it is to have its next snapshot, by the monotonic clock; `undefined` before it has asked for any. */
  get dueAt(): number | undefined {
    return this.#wanted === undefined ? undefined : this.#nextAt
  }

  /** Keeps an event for the next {@link flush}, if it wants it. */
  happened(event: TelemetryEvent): void {
    if (this.#wanted?.events.has(event.type) !== true) return
    if (this.#events.length < MAX_EVENTS) this.#events.push(event)
    else this.#dropped += 1
  }

  /** Sends the events that were kept. */
  flush(): void {
    if (this.#events.length + this.#dropped === 0) return
    const frame: FeedFrame = { type: 'events', events: this.#events, dropped: this.#dropped }
    if (this.send(JSON.stringify(frame))) {
      this.#events = []
      this.#dropped = 0
    } else {
      this.#dropped += this.#events.length
      this.#events = []
    }
  }

  /** Sends a snapshot that is due, written as JSON for all readers. One that is not taken is missed, and its number too. */
  snapshot(json: string, now: number): void {
    // In step with its period, and never twice for one that was late.
    this.#nextAt = Math.max(this.#nextAt + (this.#wanted?.everyMs ?? 0), now)
    this.#seq += 1
    this.send(`{"type":"snap","seq":${this.#seq},"snapshot":${json}}`)
  }

  /** Sends a frame unless too much waits to be read; drops the reader when that has lasted for long. */
  send(text: string): boolean {
    const { socket, clock } = this.#parts
    if (!this.#isOpen) return false
    if (socket.bufferedAmount <= MAX_BUFFERED) {
      this.#stuckSince = undefined
      socket.send(text)
      return true
    }
    const now = clock.monotonic()
    this.#stuckSince ??= now
    if (now - this.#stuckSince >= STUCK_MS) this.drop()
    return false
  }

  /** Says good-bye, and why. */
  close(code: number, reason: string): void {
    this.#parts.socket.close(code, reason)
  }

  /** Ends the connection without a word: a reader that does not read would not hear it. */
  drop(): void {
    this.#parts.socket.terminate()
  }

  #heard(text: string): void {
    const sub = readSub(text)
    if (sub === undefined) this.close(1008, 'this is no message of a reader')
    else if (sub.proto !== FEED_PROTO) {
      this.close(
        FeedClose.OTHER_VERSION,
        `this feed speaks version ${FEED_PROTO}, not ${sub.proto}: use the mq that serves it`,
      )
    } else {
      this.#unsubscribed.cancel()
      const everyMs = 1000 / sub.rate
      this.#wanted = { everyMs, events: new Set(sub.events) }
      this.#nextAt = this.#parts.clock.monotonic()
      this.#parts.changed()
    }
  }

  #ping(): void {
    this.#pinging = this.#parts.clock.after(PING_MS, () => {
      if (!this.#isAlive) {
        this.drop()
        return
      }
      this.#isAlive = false
      this.#parts.socket.ping()
      this.#ping()
    })
  }

  #ended(): void {
    this.#isOpen = false
    this.#wanted = undefined
    this.#unsubscribed.cancel()
    this.#pinging?.cancel()
    this.#parts.changed()
  }
}

function textOf(data: Buffer | ArrayBuffer | Buffer[]): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString()
  return data instanceof ArrayBuffer ? Buffer.from(data).toString() : data.toString()
}
