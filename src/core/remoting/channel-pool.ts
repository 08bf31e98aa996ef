import { ConnectionError } from '../errors.ts'
import type { RemotingCommand } from '../protocol/index.ts'
import { Backoff, type Clock, SingleFlight } from '../support/index.ts'
import { Channel } from './channel.ts'
import type { Connect } from './transport.ts'

/** What a pool needs from its owner. */
export interface ChannelPoolOptions {
  readonly connect: Connect
  readonly clock: Clock
  readonly onRequest: (request: RemotingCommand, channel: Channel) => void
  /** A connection was made; also again after a loss. */
  readonly onConnect?: (channel: Channel) => void
  readonly onClose?: (channel: Channel, error: Error | undefined) => void
}

interface Failure {
  readonly backoff: Backoff
  readonly notBefore: number
  readonly error: unknown
}

/**
 * Exactly one connection per address: a broker lists the members of a group by connection, so a second one would make
 * this client appear twice and break the allocation of everybody. After a failed connect further ones fail at once,
 * for 100 ms at first and at most 1 s.
 */
export class ChannelPool {
  readonly #options: ChannelPoolOptions
  readonly #channels = new Map<string, Channel>()
  readonly #failures = new Map<string, Failure>()
  readonly #connecting = new SingleFlight<Channel>()
  readonly #closing = new AbortController()

  constructor(options: ChannelPoolOptions) {
    this.#options = options
  }

  /** The open connection to an address, if there is one. */
  existing(address: string): Channel | undefined {
    return this.#channels.get(address)
  }

  /** The connection to an address, made if need be. Rejects with ConnectionError. */
  async get(address: string): Promise<Channel> {
    const open = this.#channels.get(address)
    if (open) return open
    if (this.#closing.signal.aborted) throw new ConnectionError(address, 'this client is closed')
    const failure = this.#failures.get(address)
    if (failure && this.#options.clock.monotonic() < failure.notBefore) throw failure.error
    return this.#connecting.run(address, () => this.#connect(address))
  }

  /** Closes the connection to one address. */
  drop(address: string): void {
    this.#failures.delete(address)
    this.#channels.get(address)?.close()
  }

  /** Closes all connections; no new ones are made. */
  close(): void {
    this.#closing.abort(new DOMException('closed', 'AbortError'))
    for (const channel of [...this.#channels.values()]) channel.close()
  }

  async #connect(address: string): Promise<Channel> {
    try {
      const transport = await this.#options.connect(address, { signal: this.#closing.signal })
      if (this.#closing.signal.aborted) {
        transport.destroy()
        throw new ConnectionError(address, 'this client is closed')
      }
      this.#failures.delete(address)
      return this.#open(address, transport)
    } catch (error) {
      const backoff = this.#failures.get(address)?.backoff ?? new Backoff(100, 1000)
      this.#failures.set(address, { backoff, notBefore: this.#options.clock.monotonic() + backoff.next(), error })
      throw error
    }
  }

  #open(address: string, transport: Awaited<ReturnType<Connect>>): Channel {
    const channel = new Channel({
      transport,
      address,
      clock: this.#options.clock,
      onRequest: this.#options.onRequest,
      onClose: (closed, error) => {
        if (this.#channels.get(address) === closed) this.#channels.delete(address)
        this.#options.onClose?.(closed, error)
      },
    })
    this.#channels.set(address, channel)
    // First told, then started: a connection that is lost already is closed after it was announced, not before.
    this.#options.onConnect?.(channel)
    channel.start()
    return channel
  }
}
