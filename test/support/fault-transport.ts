import { ConnectionError } from '../../src/core/errors.ts'
import type { Connect, Transport } from '../../src/core/remoting/index.ts'
import type { Clock } from '../../src/core/support/index.ts'

type Handlers = Parameters<Transport['start']>[0]

/** One direction of a {@link FaultTransport}: what is done to the chunks that pass. All faults may be combined. */
export class FaultyStream {
  /** Each chunk waits so long; lowering it lets later ones overtake. */
  delayMs = 0
  /** Chunks are cut into pieces of at most so many bytes. */
  pieceBytes = Number.POSITIVE_INFINITY
  /** The connection breaks once so many more bytes have passed. */
  bytesUntilCut = Number.POSITIVE_INFINITY
  /** So many of the next chunks are lost. Frames stay whole where a chunk holds whole frames, as memory transports do. */
  chunksToDrop = 0
  /** Bytes that have passed. */
  passedBytes = 0
  readonly #clock: Clock
  readonly #pass: (chunk: Buffer) => void
  readonly #cut: () => void
  #held: Buffer[] | undefined

  constructor(options: { readonly clock: Clock; readonly pass: (chunk: Buffer) => void; readonly cut: () => void }) {
    this.#clock = options.clock
    this.#pass = options.pass
    this.#cut = options.cut
  }

  /** Keeps everything back from now on: the peer seems to hang. */
  hold(): void {
    this.#held ??= []
  }

  /** Lets pass what was kept back, in the order it came or the other way round, and all that comes. */
  release(order: 'first come' | 'last come' = 'first come'): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const chunk of order === 'first come' ? held : held.reverse()) this.#send(chunk)
  }

  /** A chunk that arrives; its memory may be used again afterwards. */
  push(chunk: Buffer): void {
    if (this.chunksToDrop > 0) {
      this.chunksToDrop -= 1
      return
    }
    const copy = Buffer.from(chunk)
    if (this.#held) this.#held.push(copy)
    else if (this.delayMs > 0) this.#clock.after(this.delayMs, () => this.#send(copy))
    else this.#send(copy)
  }

  #send(chunk: Buffer): void {
    for (let at = 0; at < chunk.length && this.bytesUntilCut > 0; ) {
      const piece = chunk.subarray(at, at + Math.min(this.pieceBytes, this.bytesUntilCut))
      at += piece.length
      this.passedBytes += piece.length
      this.bytesUntilCut -= piece.length
      this.#pass(piece)
      if (this.bytesUntilCut === 0) this.#cut()
    }
  }
}

/** A transport over a network that is as bad as a test wants it to be. */
export class FaultTransport implements Transport {
  readonly #inner: Transport
  #handlers: Handlers | undefined
  #ended = false
  /** What this side sends. */
  readonly outgoing: FaultyStream
  /** What this side receives. */
  readonly incoming: FaultyStream

  constructor(inner: Transport, clock: Clock) {
    this.#inner = inner
    const cut = (): void => {
      this.break()
    }
    this.outgoing = new FaultyStream({ clock, cut, pass: (chunk) => this.#inner.write([chunk]) })
    this.incoming = new FaultyStream({ clock, cut, pass: (chunk) => this.#handlers?.onData(chunk) })
  }

  get remoteAddress(): string {
    return this.#inner.remoteAddress
  }

  get localAddress(): string {
    return this.#inner.localAddress
  }

  start(handlers: Handlers): void {
    this.#handlers = handlers
    this.#inner.start({
      onData: (chunk) => {
        if (!this.#ended) this.incoming.push(chunk)
      },
      onClose: (error) => {
        if (this.#ended) return
        this.#ended = true
        handlers.onClose(error)
      },
    })
  }

  write(bytes: readonly Buffer[]): void {
    if (!this.#ended) this.outgoing.push(Buffer.concat(bytes))
  }

  end(): void {
    this.#inner.end()
  }

  destroy(): void {
    this.#inner.destroy()
  }

  /** Both sides lose the connection now; what is on its way is lost. */
  break(): void {
    if (this.#ended) return
    this.#ended = true
    this.#inner.destroy()
    this.#handlers?.onClose(new ConnectionError(this.remoteAddress, `lost the connection to ${this.remoteAddress}`))
  }
}

/** Wraps every connection; `transports` lists them in the order they were made. */
export function faultyConnect(
  connect: Connect,
  clock: Clock,
): { readonly connect: Connect; readonly transports: readonly FaultTransport[] } {
  const transports: FaultTransport[] = []
  return {
    transports,
    connect: async (address, options) => {
      const transport = new FaultTransport(await connect(address, options), clock)
      transports.push(transport)
      return transport
    },
  }
}
