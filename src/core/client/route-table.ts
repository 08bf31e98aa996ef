import { BrokerResponseError } from '../errors.ts'
import { ResponseCode } from '../protocol/index.ts'
import { type Logger, SingleFlight, unlessAborted } from '../support/index.ts'
import { type BrokerAddress, BrokerAddresses } from './broker-addresses.ts'
import type { NameServerClient } from './name-server-client.ts'
import { sameRoute, type TopicRoute, topicRoute } from './topic-route.ts'

interface Options {
  readonly nameServer: Pick<NameServerClient, 'invoke'>
  readonly logger: Logger
}

interface Abortable {
  readonly signal?: AbortSignal | undefined
}

/**
 * Routes of the topics somebody here uses, and from them the brokers. A watched topic the name server does not know any
 * more keeps its last route: that is how a broker restart looks. A topic nobody watches is forgotten when a whole
 * refresh interval passes in which nobody asks for it.
 */
export class RouteTable {
  readonly #options: Options
  /** The route learned last comes last. */
  readonly #routes = new Map<string, TopicRoute>()
  readonly #watched = new Map<string, number>()
  /** Topics asked for since the last refresh of all. */
  readonly #asked = new Set<string>()
  readonly #refreshing = new SingleFlight<TopicRoute | undefined>()
  readonly #listeners = new Set<(route: TopicRoute) => void>()
  #brokers: BrokerAddresses | undefined

  constructor(options: Options) {
    this.#options = options
  }

  /** The route as last seen. */
  cached(topic: string): TopicRoute | undefined {
    return this.#routes.get(topic)
  }

  /** The cached route, or else a fresh one; `undefined` when no name server knows the topic. */
  async get(topic: string, options: Abortable = {}): Promise<TopicRoute | undefined> {
    this.#asked.add(topic)
    return this.#routes.get(topic) ?? (await this.refresh(topic, options))
  }

  /** Asks the name server. Resolves to `undefined` when it does not know the topic; rejects when none answers. */
  refresh(topic: string, options: Abortable = {}): Promise<TopicRoute | undefined> {
    this.#asked.add(topic)
    return unlessAborted(
      this.#refreshing.run(topic, () => this.#refresh(topic)),
      options.signal,
    )
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

  /**
   * Refreshes all watched topics, one that fails not keeping the others from it, and forgets the routes nobody needs.
   * Rejects only with the signal's reason.
   */
  async refreshWatched(options: Abortable = {}): Promise<void> {
    this.#forgetUnused()
    const failures: { readonly topic: string; readonly error: unknown }[] = []
    const refreshed = [...this.#watched.keys()].map(async (topic) => {
      try {
        await this.refresh(topic, options)
      } catch (error) {
        failures.push({ topic, error })
      }
    })
    await Promise.all(refreshed)
    options.signal?.throwIfAborted()
    const [first] = failures
    if (first === undefined) return
    const more = failures.length === 1 ? '' : ` and ${failures.length - 1} more`
    this.#options.logger.warn(`cannot refresh the route of ${first.topic}${more}: ${String(first.error)}`)
  }

  /** Calls back whenever a route is new or has changed. Returns how to stop that. */
  onChange(listener: (route: TopicRoute) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Every broker process that some route names. */
  brokers(): BrokerAddress[] {
    return this.#addresses().all
  }

  /** The master of a broker, for whatever writes. */
  masterOf(brokerName: string): string | undefined {
    return this.#addresses().masterOf(brokerName)
  }

  /** A replica to read from: the wanted one, else the next, else any. */
  replicaOf(brokerName: string, brokerId: number): BrokerAddress | undefined {
    return this.#addresses().replicaOf(brokerName, brokerId)
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
    return brokers.flatMap(({ brokerName }) => this.replicaOf(brokerName, 0)?.address ?? [])
  }

  /** Built anew after the routes have changed: it is asked for with every request. */
  #addresses(): BrokerAddresses {
    this.#brokers ??= new BrokerAddresses([...this.#routes.values()].map((route) => route.data))
    return this.#brokers
  }

  #forgetUnused(): void {
    for (const topic of this.#routes.keys()) {
      if (!this.#watched.has(topic) && !this.#asked.has(topic)) this.#routes.delete(topic)
    }
    this.#asked.clear()
    this.#brokers = undefined
  }

  async #refresh(topic: string): Promise<TopicRoute | undefined> {
    try {
      const request = { topic, acceptStandardJsonOnly: true }
      const { body } = await this.#options.nameServer.invoke('getRouteInfoByTopic', request)
      const old = this.#routes.get(topic)
      const route = old && sameRoute(old.data, body) ? old : topicRoute(topic, body)
      this.#routes.delete(topic)
      this.#routes.set(topic, route)
      this.#brokers = undefined
      if (route !== old) for (const listener of this.#listeners) listener(route)
      return route
    } catch (error) {
      if (error instanceof BrokerResponseError && error.responseCode === ResponseCode.TOPIC_NOT_EXIST) return undefined
      throw error
    }
  }
}
