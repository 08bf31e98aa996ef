import { ConnectionError } from '../../src/core/errors.ts'
import {
  command,
  isOneway,
  isResponse,
  type Operation,
  type OperationName,
  type Operations,
  operations,
  type RemotingCommand,
  type RequestOf,
  ResponseCode,
  type ResponseOf,
  readHeader,
  writeHeader,
} from '../../src/core/protocol/index.ts'
import {
  type Channel,
  type Connect,
  memoryTransportPair,
  RemotingServer,
  respondTo,
} from '../../src/core/remoting/index.ts'
import type { Clock } from '../../src/core/support/index.ts'

/** A response code that is no outcome of the operation. */
export class FakeRefusal {
  readonly code: number
  readonly remark: string | undefined

  constructor(code: number, remark?: string) {
    this.code = code
    this.remark = remark
  }
}

/** What a fake peer says to a request; `undefined`: nothing, ever. */
type Answer<K extends OperationName> = ResponseOf<Operations[K]> | FakeRefusal | undefined
type Answerer<K extends OperationName> = (
  request: RequestOf<Operations[K]>,
  channel: Channel,
) => Answer<K> | Promise<Answer<K>>

/** A request as a fake peer saw it. */
export interface SeenRequest {
  readonly name: OperationName | undefined
  readonly command: RemotingCommand
  readonly oneway: boolean
}

/** A name server or broker that answers as a test tells it, over memory transports. */
export class FakePeer {
  readonly address: string
  /** Every request, in order of arrival. */
  readonly seen: SeenRequest[] = []
  readonly channels = new Set<Channel>()
  /** Connections ever made. */
  connections = 0
  /** The version its answers carry (`MQVersion`). */
  version = 407
  readonly #answerers = new Map<OperationName, Answerer<never>>()
  readonly #server: RemotingServer
  readonly #transports = new Set<{ break(): void }>()

  constructor(address: string, clock: Clock) {
    this.address = address
    this.#server = new RemotingServer({
      clock,
      onRequest: (request, channel) => void this.#answer(request, channel),
      onClose: (channel) => this.channels.delete(channel),
    })
  }

  /** Answers a request so from now on; others get REQUEST_CODE_NOT_SUPPORTED. */
  on<K extends OperationName>(name: K, answerer: Answerer<K>): this {
    this.#answerers.set(name, answerer)
    return this
  }

  /** The requests of one kind, decoded. */
  requests<K extends OperationName>(name: K): RequestOf<Operations[K]>[] {
    return this.seen.filter((request) => request.name === name).map((request) => decode(name, request.command))
  }

  count(name: OperationName): number {
    return this.seen.filter((request) => request.name === name).length
  }

  accept(client: { break(): void }, transport: ReturnType<typeof memoryTransportPair>['server']): void {
    this.connections += 1
    this.#transports.add(client)
    this.channels.add(this.#server.accept(transport))
  }

  /** Sends a request of the peer's own over every connection. */
  push(pushed: RemotingCommand): void {
    for (const channel of this.channels) channel.send(pushed)
  }

  /** Sends a request and resolves to the client's answer. */
  async ask(asked: RemotingCommand): Promise<RemotingCommand> {
    const [channel] = this.channels
    if (channel === undefined) throw new Error(`nobody is connected to ${this.address}`)
    return channel.request({ ...asked, opaque: channel.nextOpaque() }, { timeoutMs: 5000, what: String(asked.code) })
  }

  /** Loses every connection, as when the process dies. */
  breakConnections(): void {
    for (const transport of this.#transports) transport.break()
    this.#transports.clear()
  }

  async #answer(request: RemotingCommand, channel: Channel): Promise<void> {
    if (isResponse(request)) return
    const name = namesByCode.get(request.code)
    const oneway = isOneway(request)
    this.seen.push({ name, command: request, oneway })
    const answerer = name === undefined ? undefined : this.#answerers.get(name)
    const answer =
      name === undefined || answerer === undefined
        ? new FakeRefusal(ResponseCode.REQUEST_CODE_NOT_SUPPORTED, `no answer to ${request.code}`)
        : await answerer(decode(name, request) as never, channel)
    if (answer === undefined || oneway || name === undefined) return
    channel.send(respondTo(request, { ...encode(name, answer), version: this.version }))
  }
}

/** Peers by address; a client connects to them as if they were there. */
export class FakeNetwork {
  readonly #clock: Clock
  readonly #peers = new Map<string, FakePeer>()
  readonly #silent = new Set<string>()
  readonly #babble = new Map<string, Buffer>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A peer that listens on an address. */
  listen(address: string): FakePeer {
    const peer = new FakePeer(address, this.#clock)
    this.#peers.set(address, peer)
    return peer
  }

  /** Nobody listens there any more; open connections are lost. */
  shut(address: string): void {
    this.#peers.get(address)?.breakConnections()
    this.#peers.delete(address)
  }

  /** Connections to the address are never answered. */
  swallow(address: string): void {
    this.#silent.add(address)
  }

  /** Who connects to the address gets these bytes, whatever it says. */
  babble(address: string, bytes: Buffer): void {
    this.#babble.set(address, bytes)
  }

  /** Refuses at once where nobody listens. */
  readonly connect: Connect = (address) => {
    if (this.#silent.has(address)) return new Promise(() => undefined)
    const garbage = this.#babble.get(address)
    if (garbage !== undefined) {
      const { client, server } = memoryTransportPair({ client: 'client:1', server: address })
      server.write([garbage])
      return Promise.resolve(client)
    }
    const peer = this.#peers.get(address)
    if (peer === undefined) {
      return Promise.reject(new ConnectionError(address, `cannot connect to ${address}: connection refused`))
    }
    const { client, server } = memoryTransportPair({ client: 'client:1', server: address })
    peer.accept(client, server)
    return Promise.resolve(client)
  }
}

const namesByCode = new Map<number, OperationName>(
  (Object.keys(operations) as OperationName[])
    .filter((name) => operations[name].to !== 'client')
    .map((name) => [operations[name].code, name]),
)

function decode<K extends OperationName>(name: K, request: RemotingCommand): RequestOf<Operations[K]> {
  const operation: Operation = operations[name]
  const body = operation.requestBody === undefined ? {} : { body: operation.requestBody.read(request.body) }
  return { ...readHeader(operation.request, request.extFields), ...body } as RequestOf<Operations[K]>
}

function encode(name: OperationName, answer: FakeRefusal | { readonly outcome: string }): RemotingCommand {
  if (answer instanceof FakeRefusal) return command({ code: answer.code, opaque: 0, remark: answer.remark })
  const operation: Operation = operations[name]
  const extFields = writeHeader(operation.response, answer as never)
  const body = operation.responseBody?.write((answer as { readonly body?: unknown }).body)
  const code = operation.outcomes[answer.outcome] ?? ResponseCode.SUCCESS
  return command({ code, opaque: 0, extFields, ...(body === undefined ? {} : { body }) })
}
