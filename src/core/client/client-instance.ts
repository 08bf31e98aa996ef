import { RocketMQError, UsageError } from '../errors.ts'
import type { Credentials } from '../protocol/acl-signature.ts'
import { type Connect, type Exchange, RemotingClient } from '../remoting/index.ts'
import { type Clock, type Logger, TaskScope } from '../support/index.ts'
import type { GroupMember } from './group-member.ts'
import { HeartbeatService } from './heartbeat-service.ts'
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
  /** @default 30000 */
  readonly pollNameServerIntervalMs?: number
  /** @default 30000; brokers forget a client after 120 s */
  readonly heartbeatIntervalMs?: number
  /** Told of every request, for diagnosis. */
  readonly onExchange?: (exchange: Exchange) => void
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
  readonly #members = new Map<string, GroupMember>()
  readonly #producerGroups = new Map<string, number>()
  readonly #heartbeats: HeartbeatService
  readonly #scope: TaskScope
  readonly #options: ClientOptions
  readonly #met = new Set<string>()
  #started = false

  constructor(options: ClientOptions) {
    const { clock, logger } = options
    this.#options = options
    this.clientId = options.clientId
    this.clock = clock
    this.logger = logger
    this.#scope = new TaskScope({
      clock,
      onError: (error, task) => {
        logger.warn(`${task} failed: ${String(error)}`)
      },
    })
    const requests = new ServerRequests({
      members: this.#members,
      logger,
      brokerNameOf: (address) => this.routes.brokers().find((broker) => broker.address === address)?.brokerName ?? '',
    })
    this.remoting = new RemotingClient({
      connect: options.connect,
      clock,
      credentials: options.credentials,
      onRequest: (request, channel) => {
        this.#scope.run(`answering request ${request.code}`, () => requests.handle(request, channel))
      },
      onConnect: (channel) => {
        this.#connected(channel.address)
      },
      ...(options.onExchange === undefined ? {} : { onExchange: options.onExchange }),
    })
    this.nameServer = new NameServerClient({ addresses: options.nameServers, remoting: this.remoting })
    this.routes = new RouteTable({ nameServer: this.nameServer, logger })
    this.queueOffsets = new QueueOffsets({ remoting: this.remoting, routes: this.routes })
    this.#heartbeats = new HeartbeatService({
      clientId: this.clientId,
      members: this.#members,
      producerGroups: this.#producerGroups,
      routes: this.routes,
      remoting: this.remoting,
      logger,
    })
  }

  /** Begins to refresh routes and to send heartbeats; without it nothing happens but what is asked for. */
  start(): void {
    if (this.#started) return
    this.#started = true
    const { pollNameServerIntervalMs = 30_000, heartbeatIntervalMs = 30_000 } = this.#options
    this.#scope.every('refreshing routes', pollNameServerIntervalMs, () => this.#refreshRoutes())
    this.#scope.every('heartbeat', heartbeatIntervalMs, () => this.#heartbeats.beat())
  }

  /** Sends a heartbeat to all brokers; resolves when all have answered or failed. */
  heartbeat(): Promise<void> {
    return this.#heartbeats.beat()
  }

  /** Adds a consumer. @throws UsageError when this client has one of that group already. */
  join(member: GroupMember): void {
    if (this.#members.has(member.group)) {
      throw new UsageError(`this client is a member of ${member.group} already`)
    }
    this.#members.set(member.group, member)
  }

  /** Removes a consumer and tells every broker, replicas too. Resolves when all have answered or failed. */
  async leave(group: string): Promise<void> {
    if (this.#members.delete(group)) await this.#unregister({ consumerGroup: group })
  }

  /** Adds a producer of a group; several may share one. */
  addProducer(group: string): void {
    this.#producerGroups.set(group, (this.#producerGroups.get(group) ?? 0) + 1)
  }

  /** Removes a producer; the last of a group is unregistered. */
  async removeProducer(group: string): Promise<void> {
    const left = (this.#producerGroups.get(group) ?? 0) - 1
    if (left > 0) this.#producerGroups.set(group, left)
    else if (this.#producerGroups.delete(group)) await this.#unregister({ producerGroup: group })
  }

  /** Ends everything: background work, then connections. May be called more than once. */
  async close(): Promise<void> {
    await this.#scope.close()
    this.remoting.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #refreshRoutes(): Promise<void> {
    const before = new Set(this.routes.brokers().map((broker) => broker.address))
    await this.routes.refreshWatched()
    for (const broker of this.routes.brokers()) before.delete(broker.address)
    for (const left of before) {
      this.logger.info(`broker ${left} has left`)
      this.remoting.drop(left)
    }
  }

  /** A broker has forgotten this client when the connection was lost: tell it again at once. */
  #connected(address: string): void {
    const known = this.routes.brokers().some((broker) => broker.address === address)
    const again = this.#met.has(address)
    this.#met.add(address)
    if (!known || !again || !this.#started) return
    this.#scope.run('heartbeat after a reconnect', async () => {
      if (!(await this.#heartbeats.beatOne(address))) return
      for (const member of this.#members.values()) member.membersChanged()
    })
  }

  async #unregister(group: { readonly consumerGroup?: string; readonly producerGroup?: string }): Promise<void> {
    const told = this.routes.brokers().map(async ({ address }) => {
      if (!this.remoting.isConnected(address)) return
      try {
        await this.remoting.invoke(address, 'unregisterClient', { clientID: this.clientId, ...group })
      } catch (error) {
        if (!(error instanceof RocketMQError)) throw error
        this.logger.debug(`cannot unregister from ${address}: ${error.message}`)
      }
    })
    await Promise.all(told)
  }
}
