import { AuthorizationError, UsageError } from '../errors.ts'
import { type Credentials, javaHash, unwrapNamespace, wrapNamespace } from '../protocol/index.ts'
import { type Connect, type Exchange, RemotingClient } from '../remoting/index.ts'
import { type Clock, type Logger, TaskScope } from '../support/index.ts'
import { BrokerWatch } from './broker-watch.ts'
import { expecting } from './expected-brokers.ts'
import type { GroupMember } from './group-member.ts'
import { HeartbeatService } from './heartbeat-service.ts'
import { namespaceOf } from './name-server-addresses.ts'
import { NameServerClient } from './name-server-client.ts'
import { QueueOffsets } from './queue-offsets.ts'
import { RouteTable } from './route-table.ts'
import { ServerRequests } from './server-requests.ts'

/** What a client instance is built from; the intervals are Java's (`ClientConfig.java`). */
export interface ClientOptions {
  readonly nameServers: readonly string[]
  /** Unique among all live clients; see `clientId`. */
  readonly clientId: string
  readonly connect: Connect
  readonly clock: Clock
  readonly logger: Logger
  readonly credentials?: Credentials | undefined
  /** Keeps topics and groups of several users apart by their names on the wire. @default the one in a cloud endpoint, else none */
  readonly namespace?: string | undefined
  /** Names of brokers that should be there; one that no name server knows fails when it is asked. @default none */
  readonly expectedBrokers?: readonly string[] | undefined
  /** @default 30000 */
  readonly pollNameServerIntervalMs?: number
  /** @default 30000; brokers forget a client after 120 s */
  readonly heartbeatIntervalMs?: number
  /** Told of every request, for diagnosis. */
  readonly onExchange?: (exchange: Exchange) => void
  /** What is left of the owner's own time limit, in ms: no request waits longer. `undefined`: no limit. */
  readonly remainingMs?: () => number | undefined
}

/** One client of one cluster: its connections, routes, heartbeats and memberships (`MQClientInstance.java`). */
export class ClientInstance {
  readonly clientId: string
  readonly clock: Clock
  readonly logger: Logger
  readonly remoting: RemotingClient
  readonly nameServer: NameServerClient
  readonly routes: RouteTable
  readonly queueOffsets: QueueOffsets
  /** Names of brokers that should be there. */
  readonly expectedBrokers: readonly string[]
  readonly #namespace: string
  readonly #members = new Map<string, GroupMember>()
  readonly #producerGroups = new Map<string, number>()
  readonly #heartbeats: HeartbeatService
  readonly #brokers: BrokerWatch
  readonly #scope: TaskScope
  readonly #options: ClientOptions
  #started = false

  constructor(options: ClientOptions) {
    const { clock, logger, nameServers } = options
    this.#options = options
    this.#namespace = options.namespace ?? namespaceOf(nameServers) ?? ''
    this.expectedBrokers = options.expectedBrokers ?? []
    this.clientId = options.clientId
    this.clock = clock
    this.logger = logger
    this.#scope = new TaskScope({
      clock,
      onError: (error, task) => {
        logger.warn(`${task} failed: ${String(error)}`)
      },
    })
    this.remoting = this.#buildRemoting()
    const first = Math.abs(javaHash(this.clientId))
    this.nameServer = new NameServerClient({ addresses: nameServers, remoting: this.remoting, first })
    this.routes = new RouteTable({ nameServer: this.nameServer, logger })
    const shared = { remoting: this.remoting, routes: this.routes, members: this.#members, clock, logger }
    this.queueOffsets = new QueueOffsets({ ...shared, wireName: (name) => this.wireName(name) })
    this.#heartbeats = new HeartbeatService({
      ...shared,
      clientId: this.clientId,
      producerGroups: this.#producerGroups,
      signal: this.#scope.signal,
    })
    this.#brokers = new BrokerWatch({ ...shared, heartbeats: this.#heartbeats, scope: this.#scope })
    this.routes.onChange(() => {
      this.#brokers.routeChanged()
      for (const member of this.#members.values()) member.membersChanged()
    })
  }

  /** Begins to refresh routes and to send heartbeats; without it nothing happens but what is asked for. */
  start(): void {
    if (this.#started) return
    this.#started = true
    const { pollNameServerIntervalMs = 30_000, heartbeatIntervalMs = 30_000 } = this.#options
    this.#brokers.start()
    this.#scope.run('heartbeat', () => this.heartbeat())
    this.#scope.every('heartbeat', heartbeatIntervalMs, () => this.heartbeat())
    this.#scope.every('refreshing routes', pollNameServerIntervalMs, async (signal) => {
      await this.routes.refreshWatched({ signal })
      this.#brokers.letGo()
    })
  }

  /** A topic or group as it is called on the wire; one that is so called already stays. */
  wireName(name: string): string {
    return wrapNamespace(this.#namespace, name)
  }

  /** A topic or group from the wire as the user knows it. */
  userName(name: string): string {
    return unwrapNamespace(this.#namespace, name)
  }

  /** The namespace of this client's topics and groups; empty when there is none. */
  get namespace(): string {
    return this.#namespace
  }

  /** Sends a heartbeat to all brokers; resolves when all have answered or failed. */
  async heartbeat(): Promise<void> {
    await this.#heartbeats.beat()
  }

  /** The same for one who has just joined. Rejects with AuthorizationError when a broker does not let it. */
  async announce(): Promise<void> {
    for (const { error } of await this.#heartbeats.beat()) if (error instanceof AuthorizationError) throw error
  }

  /** Adds a consumer, whose group is named as on the wire. @throws UsageError when this client has one of that group already. */
  join(member: GroupMember): void {
    if (this.#members.has(member.group)) {
      throw new UsageError(`this client is a member of ${this.userName(member.group)} already`)
    }
    this.#members.set(member.group, member)
  }

  /** Removes a consumer and tells every broker, replicas too. Resolves when all have answered, failed or taken too long. */
  async leave(group: string): Promise<void> {
    if (this.#members.delete(group)) await this.#heartbeats.unregister({ consumerGroup: group })
  }

  /** Adds a producer of a group, named as on the wire; several may share one. */
  addProducer(group: string): void {
    const producers = this.#producerGroups.get(group) ?? 0
    this.#producerGroups.set(group, producers + 1)
    if (this.#started && producers === 0) this.#scope.run('heartbeat', () => this.heartbeat())
  }

  /** Removes a producer; the last of a group is unregistered. */
  async removeProducer(group: string): Promise<void> {
    const left = (this.#producerGroups.get(group) ?? 0) - 1
    if (left > 0) this.#producerGroups.set(group, left)
    else if (this.#producerGroups.delete(group)) await this.#heartbeats.unregister({ producerGroup: group })
  }

  /** Ends everything: background work, then connections. May be called more than once. */
  async close(): Promise<void> {
    await this.#scope.close()
    this.remoting.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #buildRemoting(): RemotingClient {
    const { connect, clock, logger, credentials, onExchange, remainingMs } = this.#options
    const requests = new ServerRequests({
      members: this.#members,
      logger,
      brokerNameOf: (address) => this.routes.brokers().find((broker) => broker.address === address)?.brokerName ?? '',
    })
    return new RemotingClient({
      connect: expecting(connect, this.expectedBrokers),
      clock,
      credentials,
      onRequest: (request, channel) => {
        this.#scope.run(`answering request ${request.code}`, (signal) => requests.handle(request, channel, signal))
      },
      onConnect: (channel) => {
        this.#brokers.connected(channel.address)
      },
      onClose: (channel) => {
        this.#brokers.closed(channel.address)
      },
      ...(onExchange === undefined ? {} : { onExchange }),
      ...(remainingMs === undefined ? {} : { remainingMs }),
    })
  }
}
