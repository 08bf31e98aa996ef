import { ProtocolError } from '../errors.ts'
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
  readHeader,
  signRequest,
  writeHeader,
} from '../protocol/index.ts'
import { type Clock, unlessAborted } from '../support/index.ts'
import type { Channel } from './channel.ts'
import { ChannelPool } from './channel-pool.ts'
import { responseError } from './response-error.ts'
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

/** One request and how long its answer took. */
export interface Exchange {
  readonly address: string
  readonly operation: OperationName
  readonly millis: number
  readonly failed: boolean
}

/** Per-call settings. */
export interface InvokeOptions {
  /** @default 3000 */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal | undefined
}

/** Java's `mqClientApiTimeout`. */
const DEFAULT_TIMEOUT_MS = 3000

/** Asks brokers and name servers by the table of operations, over one connection each. */
export class RemotingClient {
  readonly #options: RemotingClientOptions
  readonly #pool: ChannelPool
  readonly #versions = new Map<string, number>()

  constructor(options: RemotingClientOptions) {
    this.#options = options
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
  async invoke<K extends OperationName>(
    address: string,
    name: K,
    request: RequestOf<Operations[K]>,
    options: InvokeOptions = {},
  ): Promise<ResponseOf<Operations[K]>> {
    const { clock, onExchange } = this.#options
    const started = clock.monotonic()
    let failed = true
    try {
      const channel = this.#pool.existing(address) ?? (await unlessAborted(this.#pool.get(address), options.signal))
      const timeoutMs = Math.min(options.timeoutMs ?? DEFAULT_TIMEOUT_MS, this.#options.remainingMs?.() ?? Infinity)
      const frame = this.#encode(channel, name, request, 0)
      const response = await channel.request(frame, { what: name, timeoutMs, signal: options.signal })
      this.#versions.set(address, response.version)
      const answer = this.#read(address, name, response)
      failed = false
      return answer
    } finally {
      onExchange?.({ address, operation: name, millis: clock.monotonic() - started, failed })
    }
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

  #read<K extends OperationName>(address: string, name: K, response: RemotingCommand): ResponseOf<Operations[K]> {
    const operation: Operation = operations[name]
    const outcome = outcomeOf(operation, response.code)
    if (outcome === undefined) {
      throw responseError(address, name, response)
    }
    try {
      return this.#readAnswer(operation, response, outcome) as ResponseOf<Operations[K]>
    } catch (cause) {
      if (!(cause instanceof ProtocolError)) throw cause
      throw new ProtocolError(`${address} answered ${name} with something unreadable: ${cause.message}`, { cause })
    }
  }

  #readAnswer(operation: Operation, response: RemotingCommand, outcome: string): unknown {
    // Only a success carries the whole header; the other outcomes may leave any of it out.
    const header =
      response.code === 0 ? readHeader(operation.response, response.extFields) : readPresent(operation, response)
    const body =
      operation.responseBody === undefined || (response.code !== 0 && response.body.length === 0)
        ? {}
        : { body: operation.responseBody.read(response.body) }
    return { ...header, ...body, outcome }
  }
}

function outcomeOf(operation: Operation, code: number): string | undefined {
  for (const name in operation.outcomes) if (operation.outcomes[name] === code) return name
  return undefined
}

/** Brokers leave fields out of the answers that are not a success. */
function readPresent(operation: Operation, response: RemotingCommand): Record<string, unknown> {
  const header: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(operation.response)) {
    const value = response.extFields.get(field.wire ?? name)
    if (value !== undefined) header[name] = field.read(value)
  }
  return header
}
