import {
  CommandFlag,
  type Credentials,
  command,
  noBody,
  type Operation,
  type OperationName,
  type Operations,
  operations,
  type RemotingCommand,
  type RequestOf,
  type ResponseOf,
  signRequest,
  writeHeader,
} from '../protocol/index.ts'
import { type Clock, unlessAborted } from '../support/index.ts'
import type { Channel, Receiver } from './channel.ts'
import { ChannelPool } from './channel-pool.ts'
import { type Exchange, Invocation, type InvocationObserver, type InvokeOptions } from './invocation.ts'
import type { Connect } from './transport.ts'

/** What a remoting client is built from. */
export interface RemotingClientOptions {
  readonly connect: Connect
  readonly clock: Clock
  readonly credentials?: Credentials | undefined
  /** Fields added to every request before it is signed. */
  readonly extFields?: ReadonlyMap<string, string>
  /** A request of a broker; see `ServerRequests`. */
  readonly onRequest?: (request: RemotingCommand, channel: Channel) => void
  readonly onConnect?: (channel: Channel) => void
  readonly onClose?: (channel: Channel, error: Error | undefined) => void
  /** Told of every request that was answered or failed, for diagnosis. */
  readonly onExchange?: (exchange: Exchange) => void
  /** What is left of the owner's own time limit, in ms: no request waits longer. `undefined`: no limit. */
  readonly remainingMs?: () => number | undefined
}

/** Asks brokers and name servers by the table of operations, over one connection each. */
export class RemotingClient {
  readonly #options: RemotingClientOptions
  readonly #pool: ChannelPool
  readonly #versions = new Map<string, number>()
  readonly #observer: InvocationObserver

  constructor(options: RemotingClientOptions) {
    this.#options = options
    this.#observer = {
      now: () => options.clock.monotonic(),
      answered: (address, version) => this.#versions.set(address, version),
      ended: (exchange) => options.onExchange?.(exchange),
    }
    this.#pool = new ChannelPool({
      connect: options.connect,
      clock: options.clock,
      onRequest: (request, channel) => options.onRequest?.(request, channel),
      ...(options.onConnect === undefined ? {} : { onConnect: options.onConnect }),
      ...(options.onClose === undefined ? {} : { onClose: options.onClose }),
    })
  }

  /**
   * Sends a request and waits for its answer, whose `outcome` says which of the declared ones it was. Rejects with
   * BrokerResponseError for any other response code, which is an AuthorizationError where the caller lacks a right;
   * with ConnectionError, TimeoutError, ProtocolError or the signal's reason. The time to connect comes on top of
   * `timeoutMs`.
   */
  invoke<K extends OperationName>(
    address: string,
    name: K,
    request: RequestOf<Operations[K]>,
    options: InvokeOptions = {},
  ): Promise<ResponseOf<Operations[K]>> {
    return new Promise((resolve, reject) => {
      this.ask({ address, name, options }, request, { answered: resolve, failed: reject })
    })
  }

  /** The same without a promise: for requests that may wait long for their answers, and in great numbers. */
  ask<K extends OperationName>(
    target: { readonly address: string; readonly name: K; readonly options: InvokeOptions },
    request: RequestOf<Operations[K]>,
    receiver: Receiver<ResponseOf<Operations[K]>>,
  ): void {
    const invocation = new Invocation(target, this.#observer, receiver)
    const channel = this.#pool.existing(target.address)
    if (channel === undefined) void this.#connectAndExchange(invocation, request)
    else this.#exchange(channel, invocation, request)
  }

  /** Sends a request that nobody answers. Rejects only when there is no connection and none can be made. */
  async oneway<K extends OperationName>(address: string, name: K, request: RequestOf<Operations[K]>): Promise<void> {
    const channel = this.#pool.existing(address) ?? (await this.#pool.get(address))
    channel.send(this.#encode(channel, name, request, CommandFlag.ONEWAY))
  }

  /** The version the peer at an address has last answered with; `undefined` before its first answer. */
  versionOf(address: string): number | undefined {
    return this.#versions.get(address)
  }

  /** Makes sure there is a connection. Rejects with ConnectionError. */
  async connect(address: string): Promise<void> {
    await this.#pool.get(address)
  }

  isConnected(address: string): boolean {
    return this.#pool.existing(address) !== undefined
  }

  /** The local address of the connection to a peer, if there is one: how that peer sees this host. */
  localAddressTo(address: string): string | undefined {
    return this.#pool.existing(address)?.localAddress
  }

  /** Closes the connection to one peer. */
  drop(address: string): void {
    this.#versions.delete(address)
    this.#pool.drop(address)
  }

  close(): void {
    this.#pool.close()
  }

  #encode(channel: Channel, name: OperationName, request: unknown, flag: number): RemotingCommand {
    const operation: Operation = operations[name]
    const extFields = writeHeader(operation.request, request as never)
    for (const [field, value] of this.#options.extFields ?? []) extFields.set(field, value)
    const body = operation.requestBody?.write((request as { readonly body: unknown }).body) ?? noBody
    if (this.#options.credentials) signRequest(extFields, body, this.#options.credentials)
    return command({ code: operation.code, opaque: channel.nextOpaque(), flag, extFields, body })
  }

  async #connectAndExchange<K extends OperationName>(
    invocation: Invocation<K>,
    request: RequestOf<Operations[K]>,
  ): Promise<void> {
    try {
      const channel = await unlessAborted(this.#pool.get(invocation.address), invocation.signal)
      this.#exchange(channel, invocation, request)
    } catch (error) {
      invocation.failed(error as Error)
    }
  }

  #exchange<K extends OperationName>(
    channel: Channel,
    invocation: Invocation<K>,
    request: RequestOf<Operations[K]>,
  ): void {
    invocation.timeoutMs = Math.min(invocation.timeoutMs, this.#options.remainingMs?.() ?? Infinity)
    try {
      channel.ask(this.#encode(channel, invocation.what, request, 0), invocation)
    } catch (error) {
      invocation.failed(error as Error)
    }
  }
}
