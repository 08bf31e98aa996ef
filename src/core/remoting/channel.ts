import { ConnectionError, ProtocolError, RocketMQError, TimeoutError } from '../errors.ts'
import { CommandFlag, encodeFrame, FrameDecoder, isResponse, type RemotingCommand } from '../protocol/index.ts'
import { abortReason, type Clock, type Timer } from '../support/index.ts'
import type { Transport } from './transport.ts'

/** What a channel needs from its owner. */
export interface ChannelOptions {
  readonly transport: Transport
  readonly clock: Clock
  /** Name of the peer in errors and logs. */
  readonly address: string
  /**
   * A request from the peer. The owner answers with `send(respondTo(…))`, unless it is oneway. A ProtocolError thrown
   * here closes the connection, like bytes that are no frame.
   */
  readonly onRequest: (request: RemotingCommand, channel: Channel) => void
  /** Called once. */
  readonly onClose: (channel: Channel, error: Error | undefined) => void
}

/** How long to wait for an answer, and when to stop waiting. */
export interface WaitOptions {
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  /** Name of the request in errors. */
  readonly what: string
}

/** Who waits for the answer to a request; one of the two is called, once. */
export interface Receiver<T> {
  readonly answered: (answer: T) => void
  readonly failed: (error: Error) => void
}

/** A request that waits. A consumer has one for each of its idle queues, so nothing of what was sent is kept. */
interface Pending {
  readonly deadline: number
  readonly asker: WaitOptions & Receiver<RemotingCommand>
  /** Ends listening to the signal, if there is one. */
  readonly done: (() => void) | undefined
}

/** So many small frames are as large as a write that is worth a copy (`SocketTransport`). */
const FRAMES_AT_ONCE = 64

/**
 * One connection, either side of it: matches responses to requests by opaque, hands requests of the peer to the
 * owner, fails everything that waits when the connection closes. A late answer is dropped.
 */
export class Channel {
  readonly address: string
  readonly #transport: Transport
  readonly #clock: Clock
  readonly #options: ChannelOptions
  readonly #decoder: FrameDecoder
  readonly #pending = new Map<number, Pending>()
  #opaque = 0
  #timer: Timer | undefined
  #timerAt = Number.POSITIVE_INFINITY
  #outgoing: Buffer[] = []
  #closed = false
  #failure: Error | undefined

  constructor(options: ChannelOptions) {
    this.address = options.address
    this.#options = options
    this.#transport = options.transport
    this.#clock = options.clock
    this.#decoder = new FrameDecoder((received) => {
      this.#received(received)
    })
  }

  /** Begins to read. */
  start(): void {
    this.#transport.start({
      onData: (chunk) => {
        this.#data(chunk)
      },
      onClose: (error) => {
        this.#ended(this.#failure ?? error)
      },
    })
  }

  get closed(): boolean {
    return this.#closed
  }

  get remoteAddress(): string {
    return this.#transport.remoteAddress
  }

  get localAddress(): string {
    return this.#transport.localAddress
  }

  /** A number no other request of this channel is waiting with. */
  nextOpaque(): number {
    this.#opaque = (this.#opaque + 1) | 0
    return this.#opaque
  }

  /**
   * Sends a request and waits for its answer, whatever the answer's code. Rejects with TimeoutError, with
   * ConnectionError when the connection closes first, or with the signal's reason.
   */
  request(request: RemotingCommand, options: WaitOptions): Promise<RemotingCommand> {
    return new Promise((resolve, reject) => {
      this.ask(request, { ...options, answered: resolve, failed: reject })
    })
  }

  /** The same without a promise. @throws ProtocolError when the request cannot be written. */
  ask(request: RemotingCommand, asker: WaitOptions & Receiver<RemotingCommand>): void {
    if (this.#closed) asker.failed(this.#closedError())
    else if (asker.signal?.aborted) asker.failed(abortReason(asker.signal))
    else {
      this.#write(encodeFrame(request))
      this.#wait(request.opaque, asker)
    }
  }

  /** Sends without waiting; whether it arrives is never known. */
  send(command: RemotingCommand): void {
    if (!this.#closed) this.#write(encodeFrame(command))
  }

  /** Sends what is queued and closes. */
  close(): void {
    if (this.#closed) return
    this.#flush()
    this.#failure ??= this.#closedHere()
    this.#transport.end()
    this.#ended(undefined)
  }

  /** Closes at once, as after a fault. */
  destroy(error?: Error): void {
    if (this.#closed) return
    this.#failure ??= error ?? this.#closedHere()
    this.#transport.destroy()
    this.#ended(error)
  }

  #wait(opaque: number, asker: Pending['asker']): void {
    const deadline = this.#clock.monotonic() + asker.timeoutMs
    const done = asker.signal && this.#listen(asker.signal, opaque)
    this.#pending.set(opaque, { deadline, asker, done })
    if (deadline < this.#timerAt) this.#sweepAt(deadline)
  }

  /** Gives a request up when the signal aborts. Returns how to end that. */
  #listen(signal: AbortSignal, opaque: number): () => void {
    const onAbort = (): void => {
      const pending = this.#pending.get(opaque)
      this.#pending.delete(opaque)
      if (pending !== undefined) fail(pending, abortReason(signal))
    }
    signal.addEventListener('abort', onAbort, { once: true })
    return () => {
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** One timer for all deadlines of the channel. */
  #sweepAt(deadline: number): void {
    this.#timer?.cancel()
    this.#timerAt = deadline
    this.#timer = this.#clock.after(Math.max(0, deadline - this.#clock.monotonic()), () => {
      this.#sweep()
    })
  }

  #sweep(): void {
    this.#timerAt = Number.POSITIVE_INFINITY
    const now = this.#clock.monotonic()
    let next = Number.POSITIVE_INFINITY
    for (const [opaque, pending] of this.#pending) {
      if (pending.deadline <= now) {
        this.#pending.delete(opaque)
        fail(pending, new TimeoutError(this.address, pending.asker.what, pending.asker.timeoutMs))
      } else if (pending.deadline < next) next = pending.deadline
    }
    if (next !== Number.POSITIVE_INFINITY) this.#sweepAt(next)
  }

  #data(chunk: Buffer): void {
    if (this.#closed) return
    try {
      this.#decoder.push(chunk)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      const what = `${this.address} does not speak the RocketMQ remoting protocol: ${error.message}`
      this.destroy(new ProtocolError(what, { cause: error }))
    }
  }

  #received(command: RemotingCommand): void {
    // The owner may have closed over an earlier command of the same chunk.
    if (this.#closed) return
    if (!isResponse(command)) {
      this.#options.onRequest(command, this)
      return
    }
    const pending = this.#pending.get(command.opaque)
    if (pending === undefined) return
    this.#pending.delete(command.opaque)
    pending.done?.()
    pending.asker.answered(command)
  }

  /** Frames of one turn go out in one write, or a few when there are many. */
  #write(frame: Buffer): void {
    if (this.#outgoing.length === 0) process.nextTick(this.#flush)
    this.#outgoing.push(frame)
    if (this.#outgoing.length >= FRAMES_AT_ONCE) this.#flush()
  }

  readonly #flush = (): void => {
    const outgoing = this.#outgoing
    this.#outgoing = []
    if (outgoing.length > 0) this.#transport.write(outgoing)
  }

  #ended(error: Error | undefined): void {
    if (this.#closed) return
    this.#closed = true
    this.#failure ??= error
    this.#timer?.cancel()
    const waiting = [...this.#pending.values()]
    this.#pending.clear()
    for (const pending of waiting) fail(pending, this.#closedError())
    this.#options.onClose(this, error)
  }

  #closedHere(): ConnectionError {
    return new ConnectionError(this.address, `the connection to ${this.address} was closed on this side`)
  }

  #closedError(): Error {
    if (this.#failure instanceof RocketMQError) return this.#failure
    const cause = this.#failure
    return new ConnectionError(
      this.address,
      `${this.address} closed the connection`,
      cause === undefined ? {} : { cause },
    )
  }
}

function fail({ asker, done }: Pending, error: Error): void {
  done?.()
  asker.failed(error)
}

/** The answer to a request, with the request's opaque. */
export function respondTo(request: RemotingCommand, response: RemotingCommand): RemotingCommand {
  return { ...response, opaque: request.opaque, flag: response.flag | CommandFlag.RESPONSE }
}
