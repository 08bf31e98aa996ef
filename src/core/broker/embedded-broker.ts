import type { StorageError } from '../errors.ts'
import type { Host } from '../protocol/index.ts'
import { parseIp } from '../protocol/index.ts'
import { type Channel, RemotingServer, type Transport } from '../remoting/index.ts'
import { type Clock, type Logger, TaskScope } from '../support/index.ts'
import { BROKER_NAME, type BrokerIdentity, CLUSTER_NAME } from './broker-identity.ts'
import type { BrokerServices } from './broker-services.ts'
import { ConsumerRegistry } from './consumer-registry.ts'
import { DelayService } from './delay-service.ts'
import { ownGroups, requireGroup } from './group-rules.ts'
import { clientHandlers, notifies } from './handlers/client.ts'
import { lockHandlers } from './handlers/lock.ts'
import { messageHandlers } from './handlers/message.ts'
import { offsetHandlers } from './handlers/offset.ts'
import { pullHandlers } from './handlers/pull.ts'
import { routeHandlers } from './handlers/route.ts'
import { topicHandlers } from './handlers/topic.ts'
import { LongPolling } from './long-polling.ts'
import { ProducerRegistry } from './producer-registry.ts'
import { QueueLocks } from './queue-locks.ts'
import { Router } from './router.ts'
import { type BrokerStore, openBrokerStore } from './store/broker-store.ts'
import { DelayLevels } from './store/delay-levels.ts'
import type { KeyValueStore } from './store/key-value-store.ts'
import { openStore, type StoreChoice } from './store/open-store.ts'
import { ownTopics } from './topic-rules.ts'

/** How to run an embedded broker. */
export interface EmbeddedBrokerOptions {
  readonly clock: Clock
  readonly logger: Logger
  /** @default '127.0.0.1' */
  readonly host?: string
  /** 0: any free one. Absent: none, only transports given to `accept`. */
  readonly port?: number
  readonly store: StoreChoice
  /** The host clients reach it at, where that is not the one it listens on. */
  readonly advertisedHost?: string | undefined
  /** Java's `messageDelayLevel`, e.g. `1s 5s 10m`. */
  readonly delayLevels?: string | undefined
  /** Called once when the store failed: nothing is served any more; close it and end the process. */
  readonly onFatal?: (error: StorageError) => void
}

/** How often expired connections are looked for. */
const EXPIRY_SCAN_MS = 10_000

/** A small RocketMQ: name server and broker on one port, one process. */
export class EmbeddedBroker {
  readonly #options: EmbeddedBrokerOptions
  readonly #server: RemotingServer
  readonly #scope: TaskScope
  readonly #services: BrokerServices
  readonly #delays: DelayService
  #identity: BrokerIdentity

  /** Opens the store and begins to serve. Rejects with ListenError or StorageError. */
  static async start(options: EmbeddedBrokerOptions): Promise<EmbeddedBroker> {
    const broker = new EmbeddedBroker(options, await openStore(options.store))
    await broker.#listen()
    return broker
  }

  private constructor(options: EmbeddedBrokerOptions, keyValueStore: KeyValueStore) {
    this.#options = options
    const { clock, logger } = options
    this.#identity = this.#identityAt(0)
    const delayLevels = new DelayLevels(options.delayLevels)
    const polling = new LongPolling(clock)
    const store: BrokerStore = openBrokerStore({
      store: keyValueStore,
      clock,
      storeHost: () => this.#identity.storeHost,
      onStored: (stored) => {
        polling.arrived(stored.topic, stored.queueId, stored.queueOffset, stored.tagsCode)
        if (stored.dueMs !== undefined) this.#delays.added(stored.dueMs)
      },
      onFatal: (error) => {
        options.onFatal?.(error)
      },
    })
    this.#services = {
      ...store,
      clock,
      logger,
      identity: () => this.#identity,
      delayLevels,
      consumers: new ConsumerRegistry(clock),
      producers: new ProducerRegistry(clock),
      polling,
      locks: new QueueLocks(clock),
    }
    for (const topic of ownTopics(CLUSTER_NAME, BROKER_NAME, delayLevels.highest)) store.topics.put(topic)
    for (const group of ownGroups) requireGroup(store.groups, group)
    this.#delays = new DelayService(this.#services)
    this.#scope = new TaskScope({
      clock,
      onError: (error, task) => {
        logger.warn(`${task} failed`, { error })
      },
    })
    const router = new Router(handlersOf(this.#services), logger)
    this.#server = new RemotingServer({
      clock,
      onRequest: (request, channel) => {
        router.handle(request, channel)
      },
      onClose: (channel) => {
        this.#closed(channel)
      },
    })
  }

  /** `host:port` at which clients reach the broker; it is the name server's address too. */
  get address(): string {
    return this.#identity.address
  }

  /** Serves a connection that was made elsewhere, e.g. one end of a memory transport. */
  accept(transport: Transport): void {
    this.#server.accept(transport)
  }

  /** Stops serving, writes what is not written yet and closes the store. */
  async close(): Promise<void> {
    await this.#scope.close()
    await this.#server.close()
    this.#services.polling.close()
    await this.#delays.close()
    await this.#services.journal.close()
  }

  async #listen(): Promise<void> {
    const { host = '127.0.0.1', port } = this.#options
    if (port !== undefined) this.#identity = this.#identityAt(await this.#server.listen(host, port))
    await this.#services.journal.flush()
    this.#delays.start()
    this.#scope.every('expiring connections', EXPIRY_SCAN_MS, () => {
      const { consumers, producers } = this.#services
      for (const channel of new Set([...consumers.expired(), ...producers.expired()])) channel.close()
      return Promise.resolve()
    })
  }

  #closed(channel: Channel): void {
    const { consumers, producers, polling, groups } = this.#services
    polling.dropChannel(channel)
    producers.closed(channel)
    consumers.closed(channel, (group) => notifies(groups.get(group)))
  }

  #identityAt(port: number): BrokerIdentity {
    const host = this.#options.advertisedHost ?? this.#options.host ?? '127.0.0.1'
    const storeHost: Host = { ip: parseIp(host) === undefined ? '127.0.0.1' : host, port }
    return {
      clusterName: CLUSTER_NAME,
      brokerName: BROKER_NAME,
      brokerId: 0,
      address: `${host}:${port}`,
      storeHost,
      startedAt: this.#options.clock.now(),
    }
  }
}

function handlersOf(services: BrokerServices): ReturnType<typeof routeHandlers> {
  return {
    ...routeHandlers(services),
    ...messageHandlers(services),
    ...pullHandlers(services),
    ...offsetHandlers(services),
    ...lockHandlers(services),
    ...clientHandlers(services),
    ...topicHandlers(services),
  }
}
