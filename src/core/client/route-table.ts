import { BrokerResponseError } from '../errors.ts'
import { ResponseCode } from '../protocol/index.ts'
import { type Logger, SingleFlight } from '../support/index.ts'
import type { NameServerClient } from './name-server-client.ts'
import { sameRoute, type TopicRoute, topicRoute } from './topic-route.ts'

/** A broker process that a route names. */
export interface BrokerAddress {
  readonly brokerName: string
  /** 0 is the master. */
  readonly brokerId: number
  readonly address: string
}

interface Options {
  readonly nameServer: Pick<NameServerClient, 'invoke'>
  readonly logger: Logger
}

/**
 * Routes of the topics somebody here uses, and from them the brokers. A broker that no route names any more is gone
 * from here with the next refresh. A topic the name server does not know any more keeps its last route: that is how a
 * broker restart looks.
 */
export class RouteTable {
  readonly #options: Options
  readonly #routes = new Map<string, TopicRoute>()
  readonly #watched = new Map<string, number>()
  readonly #refreshing = new SingleFlight<TopicRoute | undefined>()
  readonly #listeners = new Set<(route: TopicRoute) => void>()

  constructor(options: Options) {
    this.#options = options
  }

  /** The route as last seen. */
  cached(topic: string): TopicRoute | undefined {
    return this.#routes.get(topic)
  }

  /** The cached route, or else a fresh one; `undefined` when no name server knows the topic. */
  async get(
    topic: string,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<TopicRoute | undefined> {
    return this.#routes.get(topic) ?? (await this.refresh(topic, options))
  }

  /** Asks the name server. Resolves to `undefined` when it does not know the topic; rejects when none answers. */
  refresh(topic: string, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<TopicRoute | undefined> {
    return this.#refreshing.run(topic, () => this.#refresh(topic, options.signal))
  }

  /** Keeps a topic's route fresh until it is unwatched as often. */
  watch(topic: string): void {
    this.#watched.set(topic, (this.#watched.get(topic) ?? 0) + 1)
  }

  unwatch(topic: string): void {
    const left = (this.#watched.get(topic) ?? 0) - 1
    if (left > 0) this.#watched.set(topic, left)
    else this.#watched.delete(topic)
  }

  /** Refreshes all watched topics; one that fails does not keep the others from it. */
  async refreshWatched(): Promise<void> {
    await Promise.all(
      [...this.#watched.keys()].map(async (topic) => {
        try {
          await this.refresh(topic)
        } catch (error) {
          this.#options.logger.warn(`cannot refresh the route of ${topic}: ${String(error)}`)
        }
      }),
    )
  }

  /** Calls back whenever a route is new or has changed. Returns how to stop that. */
  onChange(listener: (route: TopicRoute) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Every broker process that some route names. */
  brokers(): BrokerAddress[] {
    const brokers = new Map<string, BrokerAddress>()
    for (const { data } of this.#routes.values()) {
      for (const { brokerName, brokerAddrs } of data.brokerDatas) {
        for (const [brokerId, address] of brokerAddrs)
          brokers.set(`${brokerName} ${brokerId}`, { brokerName, brokerId, address })
      }
    }
    return [...brokers.values()]
  }

  /** The master of a broker, for whatever writes. */
  masterOf(brokerName: string): string | undefined {
    return this.#addresses(brokerName).get(0)
  }

  /** A replica to read from: the wanted one, else the next, else any (`findBrokerAddressInSubscribe`). */
  replicaOf(brokerName: string, brokerId: number): BrokerAddress | undefined {
    const addresses = this.#addresses(brokerName)
    const found = [brokerId, brokerId + 1, ...addresses.keys()].find((id) => addresses.has(id))
    const address = found === undefined ? undefined : addresses.get(found)
    return found === undefined || address === undefined ? undefined : { brokerName, brokerId: found, address }
  }

  /** As {@link masterOf}, asking the name server for the topic's route once when no master is known. */
  async findMaster(brokerName: string, topic: string): Promise<string | undefined> {
    const known = this.masterOf(brokerName)
    if (known !== undefined) return known
    await this.refresh(topic)
    return this.masterOf(brokerName)
  }

  /** As {@link replicaOf}, asking the name server for the topic's route once when no replica is known. */
  async findReplica(brokerName: string, topic: string, brokerId: number): Promise<BrokerAddress | undefined> {
    const known = this.replicaOf(brokerName, brokerId)
    if (known !== undefined) return known
    await this.refresh(topic)
    return this.replicaOf(brokerName, brokerId)
  }

  /** One address for each broker of a topic: the master if there is one. */
  addressesFor(topic: string): string[] {
    const brokers = this.#routes.get(topic)?.data.brokerDatas ?? []
    return brokers.flatMap(({ brokerAddrs }) => {
      const address = brokerAddrs.get(0) ?? [...brokerAddrs.values()][0]
      return address === undefined ? [] : [address]
    })
  }

  /** The newest route that names the broker wins. */
  #addresses(brokerName: string): ReadonlyMap<number, string> {
    let addresses: ReadonlyMap<number, string> = new Map()
    for (const { data } of this.#routes.values()) {
      for (const broker of data.brokerDatas) if (broker.brokerName === brokerName) addresses = broker.brokerAddrs
    }
    return addresses
  }

  async #refresh(topic: string, signal: AbortSignal | undefined): Promise<TopicRoute | undefined> {
    try {
      const request = { topic, acceptStandardJsonOnly: true }
      const { body } = await this.#options.nameServer.invoke('getRouteInfoByTopic', request, { signal })
      const old = this.#routes.get(topic)
      const route = old && sameRoute(old.data, body) ? old : topicRoute(topic, body)
      // Re-inserted so that the newest route comes last.
      this.#routes.delete(topic)
      this.#routes.set(topic, route)
      if (route !== old) for (const listener of this.#listeners) listener(route)
      return route
    } catch (error) {
      if (error instanceof BrokerResponseError && error.responseCode === ResponseCode.TOPIC_NOT_EXIST) return undefined
      throw error
    }
  }
}
