import { ConnectionError } from '../errors.ts'
import type { Transport, TransportHandlers } from './transport.ts'

/** Two connected transports in one process: what one writes, the other receives in a later turn. For tests. */
export function memoryTransportPair(names: { readonly client: string; readonly server: string }): {
  readonly client: MemoryTransport
  readonly server: MemoryTransport
} {
  const client = new MemoryTransport(names.client, names.server)
  const server = new MemoryTransport(names.server, names.client)
  client.peer = server
  server.peer = client
  return { client, server }
}

/** One end of a {@link memoryTransportPair}. */
export class MemoryTransport implements Transport {
  readonly localAddress: string
  readonly remoteAddress: string
  peer: MemoryTransport | undefined
  #handlers: TransportHandlers | undefined
  #queued: Buffer[] = []
  #closed = false
  #error: Error | undefined

  constructor(localAddress: string, remoteAddress: string) {
    this.localAddress = localAddress
    this.remoteAddress = remoteAddress
  }

  start(handlers: TransportHandlers): void {
    this.#handlers = handlers
    const queued = this.#queued
    this.#queued = []
    for (const chunk of queued) handlers.onData(chunk)
    if (this.#closed) handlers.onClose(this.#error)
  }

  write(bytes: readonly Buffer[]): void {
    if (this.#closed) return
    const chunk = Buffer.concat(bytes)
    const peer = this.peer
    queueMicrotask(() => {
      peer?.receive(chunk)
    })
  }

  end(): void {
    this.#close(undefined)
  }

  destroy(): void {
    this.#close(undefined)
  }

  /** Closes both ends as a broken connection does. */
  break(): void {
    this.#close(new ConnectionError(this.remoteAddress, 'connection reset'))
  }

  receive(chunk: Buffer): void {
    if (this.#closed) return
    if (this.#handlers) this.#handlers.onData(chunk)
    else this.#queued.push(chunk)
  }

  #close(error: Error | undefined): void {
    if (this.#closed) return
    this.#closed = true
    this.#error = error
    const handlers = this.#handlers
    queueMicrotask(() => {
      handlers?.onClose(error)
      if (this.peer) this.peer.#close(error)
    })
  }
}
