import { randomInt } from 'node:crypto'
import { Agent, type AgentOptions } from 'node:http'
import type { WebSocket } from 'ws'
import { isAbort, RocketMQError, UnsupportedError } from '../../core/errors.ts'
import { Backoff, type Clock } from '../../core/support/index.ts'
import type { TelemetryEventType } from '../../core/telemetry/index.ts'
import { type FeedEntry, isAlive } from './discovery.ts'
import { FEED_PROTO, FeedClose, type FeedFrame, type Hello, readFrame, type Sub } from './frames.ts'
import { Mailbox, type SourceItem } from './source.ts'

/** What is to be read of a feed. */
export interface FeedSourceOptions {
  readonly feed: Pick<FeedEntry, 'pid' | 'address'>
  readonly clock: Clock
  /** Snapshots per second, 0.1 to 5. */
  readonly rate: number
  readonly events: readonly TelemetryEventType[]
  /** Ends it. */
  readonly signal: AbortSignal
}

/** A larger message is none of a feed: the snapshot of 10,000 queues has some 5 MB. */
const MAX_PAYLOAD = 64 * 1024 * 1024
/** A feed says hello at once. */
const HELLO_MS = 5000
const FIRST_RETRY_MS = 500
const LAST_RETRY_MS = 5000

/** How one connection has ended. */
type Ending =
  | { readonly kind: 'bye' }
  | { readonly kind: 'lost'; readonly reason: string }
  | { readonly kind: 'refused'; readonly error: Error }

/**
 * Reads the feed of another process: iterate it once, `for await (const item of source)`. A connection that is lost is made
 * again, with a pause of 0.5 to 5 s, and told as `lost` and `found`; it ends with the consumer, or with the signal. It
 * rejects with RocketMQError where trying again is of no use: another version, no rights, nobody there from the start.
 */
export class FeedSource implements AsyncIterable<SourceItem> {
  readonly #options: FeedSourceOptions
  readonly #mailbox = new Mailbox()
  #hello: Hello | undefined

  constructor(options: FeedSourceOptions) {
    this.#options = options
  }

  /** Who is read; `undefined` before the first word of it. */
  get hello(): Hello | undefined {
    return this.#hello
  }

  [Symbol.asyncIterator](): AsyncIterator<SourceItem> {
    this.#run().then(
      () => {
        this.#mailbox.end()
      },
      (error: unknown) => {
        const isWanted = isAbort(error) && this.#options.signal.aborted
        this.#mailbox.end(isWanted ? undefined : error instanceof Error ? error : new Error(String(error)))
      },
    )
    return this.#mailbox.taken()
  }

  async #run(): Promise<void> {
    const { clock, signal, feed } = this.#options
    const backoff = new Backoff(FIRST_RETRY_MS, LAST_RETRY_MS)
    for (;;) {
      const ending = await this.#read(() => {
        backoff.reset()
      })
      if (signal.aborted || ending.kind === 'bye') return
      if (ending.kind === 'refused') throw ending.error
      if (this.#hello === undefined)
        throw new RocketMQError('UNREACHABLE', `the feed of ${feed.pid} cannot be read: ${ending.reason}`)
      if (!isAlive(feed.pid)) return
      this.#mailbox.put({ type: 'lost', at: clock.now(), reason: ending.reason })
      const delayMs = backoff.next()
      // Readers that were lost together do not come back together.
      await clock.sleep(delayMs / 2 + randomInt(Math.ceil(delayMs / 2) + 1), { signal })
    }
  }

  /** One connection, from its opening to its end. */
  async #read(welcomed: () => void): Promise<Ending> {
    const { clock, signal } = this.#options
    const socket = await this.#open()
    return new Promise((resolve) => {
      const greeting = clock.after(HELLO_MS, () => {
        end({ kind: 'lost', reason: 'it does not say anything' })
      })
      const abort = (): void => {
        end({ kind: 'bye' })
      }
      const end = (ending: Ending): void => {
        greeting.cancel()
        signal.removeEventListener('abort', abort)
        resolve(ending)
        // The answer to a close is not waited for.
        socket.terminate()
      }
      signal.addEventListener('abort', abort, { once: true })
      if (signal.aborted) abort()
      socket.on('unexpected-response', (_request, response) => {
        end(refused(response.statusCode ?? 0))
      })
      socket.on('error', (error) => {
        end({ kind: 'lost', reason: error.message })
      })
      socket.on('close', (code, reason) => {
        end(closed(code, reason.toString()))
      })
      socket.on('message', (data: Buffer) => {
        const frame = readFrame(data.toString())
        if (frame?.type === 'hello') {
          greeting.cancel()
          const error = this.#greet(frame, socket)
          if (error === undefined) welcomed()
          else end({ kind: 'refused', error })
        } else if (frame?.type === 'bye') end({ kind: 'bye' })
        else if (frame !== undefined) this.#heard(frame)
      })
    })
  }

  async #open(): Promise<WebSocket> {
    const { WebSocket } = await import('ws')
    const { address } = this.#options.feed
    const options = {
      maxPayload: MAX_PAYLOAD,
      perMessageDeflate: false,
      handshakeTimeout: HELLO_MS,
      followRedirects: false,
    }
    if (address.kind === 'socket')
      return new WebSocket('ws://localhost/feed', { ...options, agent: socketAgent(address.path) })
    const headers = { Authorization: `Bearer ${address.token}` }
    return new WebSocket(`ws://127.0.0.1:${address.port}/feed`, { ...options, headers })
  }

  /** Says what is wanted; an error, when that cannot be understood there. */
  #greet(hello: Hello, socket: WebSocket): Error | undefined {
    if (hello.proto !== FEED_PROTO) return otherVersion(`this one is of version ${hello.proto}`)
    const isBack = this.#hello !== undefined
    this.#hello = hello
    const { rate, events } = this.#options
    const sub: Sub = { type: 'sub', proto: FEED_PROTO, rate, events }
    socket.send(JSON.stringify(sub))
    if (isBack) this.#mailbox.put({ type: 'found' })
    return undefined
  }

  #heard(frame: Exclude<FeedFrame, { readonly type: 'hello' | 'bye' }>): void {
    if (frame.type === 'snap') {
      this.#mailbox.put({ type: 'snapshot', snapshot: frame.snapshot })
      return
    }
    for (const event of frame.events) this.#mailbox.put({ type: 'event', event })
    if (frame.dropped > 0) this.#mailbox.put({ type: 'dropped', events: frame.dropped })
  }
}

/** `ws+unix:` addresses know no spaces and colons in a path. */
function socketAgent(socketPath: string): Agent {
  const options: AgentOptions & { readonly socketPath: string } = { socketPath }
  return new Agent(options)
}

function closed(code: number, reason: string): Ending {
  if (code === FeedClose.OTHER_VERSION) return { kind: 'refused', error: otherVersion(reason) }
  return { kind: 'lost', reason: reason === '' ? `the connection was closed (${code})` : reason }
}

function refused(status: number): Ending {
  if (status === 401 || status === 403) {
    return { kind: 'refused', error: new RocketMQError('UNAUTHORIZED', `the feed does not let us in (${status})`) }
  }
  return { kind: 'lost', reason: status === 503 ? 'it has as many readers as it takes' : `it answers ${status}` }
}

function otherVersion(what: string): UnsupportedError {
  return new UnsupportedError(`this mq reads version ${FEED_PROTO} of the feed: ${what}`, {
    suggestions: ['use the version of mq that serves it'],
  })
}
