import net from 'node:net'
import { ListenError } from '../errors.ts'
import type { RemotingCommand } from '../protocol/index.ts'
import type { Clock } from '../support/index.ts'
import { Channel } from './channel.ts'
import { reason, SocketTransport } from './tcp-transport.ts'
import { joinAddress, type Transport } from './transport.ts'

/** What a server does with its connections. */
export interface RemotingServerOptions {
  readonly clock: Clock
  readonly onRequest: (request: RemotingCommand, channel: Channel) => void
  readonly onClose: (channel: Channel, error: Error | undefined) => void
  /** A connection could not be accepted; the server goes on. */
  readonly onError?: (error: Error) => void
}

/** Accepts connections and hands each request to its owner. */
export class RemotingServer {
  readonly #options: RemotingServerOptions
  readonly #channels = new Set<Channel>()
  #listener: net.Server | undefined
  #closed = false

  constructor(options: RemotingServerOptions) {
    this.#options = options
  }

  /**
   * Listens on a TCP port (0: any free one) and resolves to the port. Rejects with ListenError when
   * the port cannot be had.
   */
  listen(host: string, port: number): Promise<number> {
    const listener = net.createServer((socket) => {
      socket.setNoDelay(true)
      const transport = new SocketTransport(joinAddress(socket.remoteAddress ?? '', socket.remotePort ?? 0))
      transport.attach(socket, true)
      this.accept(transport)
    })
    this.#listener = listener
    return new Promise((resolve, reject) => {
      // Stays: without a listener, an accept that fails later (no file handles left) would end the process.
      listener.on('error', (cause) => {
        const error = listenError(host, port, cause)
        if (listener.listening) this.#options.onError?.(error)
        else reject(error)
      })
      listener.listen({ host, port }, () => {
        const address = listener.address()
        resolve(typeof address === 'object' && address ? address.port : port)
      })
    })
  }

  /** Serves a connection that was made elsewhere. */
  accept(transport: Transport): Channel {
    const channel = new Channel({
      transport,
      clock: this.#options.clock,
      address: transport.remoteAddress,
      onRequest: this.#options.onRequest,
      onClose: (closed, error) => {
        this.#channels.delete(closed)
        this.#options.onClose(closed, error)
      },
    })
    this.#channels.add(channel)
    if (this.#closed) channel.destroy()
    else channel.start()
    return channel
  }

  /** Stops accepting, closes every connection and resolves when the port is free. */
  async close(): Promise<void> {
    this.#closed = true
    const listener = this.#listener
    const closed = new Promise<void>((resolve) => {
      if (listener)
        listener.close(() => {
          resolve()
        })
      else resolve()
    })
    for (const channel of [...this.#channels]) channel.destroy()
    await closed
  }
}

function listenError(host: string, port: number, cause: Error): ListenError {
  const code = (cause as NodeJS.ErrnoException).code
  if (code === 'EADDRINUSE') {
    return new ListenError(`port ${port} on ${host} is in use`, {
      cause,
      suggestions: ['stop what listens there, or choose another port with --port (0 takes any free one)'],
    })
  }
  return new ListenError(`cannot listen on ${host}:${port}: ${reason(cause)}`, { cause })
}
