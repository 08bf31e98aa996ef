import { autoCreateRoute, type ClientInstance, type TopicRoute } from '../client/index.ts'
import {
  AuthorizationError,
  BrokerResponseError,
  ConnectionError,
  NotFoundError,
  RocketMQError,
  TimeoutError,
} from '../errors.ts'
import { AUTO_CREATE_TOPIC, type MessageQueue, ResponseCode } from '../protocol/index.ts'
import { Backoff, unlessAborted, unlessLate } from '../support/index.ts'

/** One message on its way. */
export interface Sending<R> {
  /** Named as on the wire. */
  readonly topic: string
  /** Picks a queue; `failedBroker` is the one the last attempt failed at. */
  readonly choose: (queues: readonly MessageQueue[], failedBroker: string | undefined) => MessageQueue
  readonly send: (
    address: string,
    queue: MessageQueue,
    limits: { readonly timeoutMs: number; readonly signal: AbortSignal | undefined },
  ) => Promise<R>
  readonly signal: AbortSignal | undefined
}

interface Options {
  /** For all attempts of a message together, with finding routes and connecting, in ms. */
  readonly timeoutMs: number
  readonly retries: number
}

/** Refusals after which another attempt can help (`DefaultMQProducer.retryResponseCodes`), and being asked to slow down. */
const RETRYABLE: ReadonlySet<number> = new Set<number>([
  ResponseCode.SYSTEM_ERROR,
  ResponseCode.SYSTEM_BUSY,
  ResponseCode.SERVICE_NOT_AVAILABLE,
  ResponseCode.NO_PERMISSION,
  ResponseCode.TOPIC_NOT_EXIST,
  ResponseCode.FLOW_CONTROL,
  ResponseCode.GO_AWAY,
])
/** Those that do not depend on the moment: only another broker may think otherwise. */
const ELSEWHERE: ReadonlySet<number> = new Set<number>([ResponseCode.NO_PERMISSION, ResponseCode.TOPIC_NOT_EXIST])

const nameServers = { who: 'the name servers', what: 'getRouteInfoByTopic' }

/** Pauses before asking the same broker again, which is busy or being restarted. */
const FIRST_PAUSE_MS = 100
const MAX_PAUSE_MS = 1000

/** Sends a message until a broker takes it, each time to another broker if there is one (`DefaultMQProducerImpl#sendDefaultImpl`). */
export class SendAttempts {
  readonly #client: ClientInstance
  readonly #options: Options

  constructor(client: ClientInstance, options: Options) {
    this.#client = client
    this.#options = options
  }

  /**
   * Resolves with the first answer that is a success. Rejects with NotFoundError when the topic does not exist and is not
   * created on demand, with TimeoutError when the time is over, or with the last attempt's error.
   */
  async run<R>(sending: Sending<R>): Promise<{ readonly queue: MessageQueue; readonly response: R }> {
    const deadline = this.#client.clock.monotonic() + this.#options.timeoutMs
    const pauses = new Backoff(FIRST_PAUSE_MS, MAX_PAUSE_MS)
    let failed: { readonly brokerName: string; readonly error: unknown } | undefined
    for (let left = this.#options.retries; ; left--) {
      const route = await this.#route(sending, deadline)
      const queue = sending.choose(route.publishQueues, failed?.brokerName)
      if (queue.brokerName === failed?.brokerName) await this.#pause(pauses.next(), deadline, sending.signal)
      if (failed !== undefined && this.#left(deadline) <= 0) throw failed.error
      try {
        return { queue, response: await this.#attempt(sending, queue, deadline) }
      } catch (error) {
        failed = { brokerName: queue.brokerName, error: this.#explained(error, sending.topic) }
        if (left === 0 || !mayRetry(error, route)) throw failed.error
        await this.#refresh(sending, deadline)
      }
    }
  }

  /** One attempt, in the same time. */
  async once<R>(sending: Sending<R>): Promise<R> {
    const deadline = this.#client.clock.monotonic() + this.#options.timeoutMs
    const { publishQueues } = await this.#route(sending, deadline)
    return this.#attempt(sending, sending.choose(publishQueues, undefined), deadline)
  }

  async #route(sending: Sending<unknown>, deadline: number): Promise<TopicRoute> {
    const cached = this.#client.routes.cached(sending.topic)
    return cached ?? this.#inTime(this.#findRoute(sending.topic), deadline, { ...nameServers, signal: sending.signal })
  }

  /** The topic's route, else the one it will have when a broker creates it. */
  async #findRoute(topic: string): Promise<TopicRoute> {
    const { routes } = this.#client
    const known = await routes.get(topic)
    if (known) return known
    const template = await routes.get(AUTO_CREATE_TOPIC)
    if (template) return autoCreateRoute(topic, template)
    throw this.#noTopic(topic)
  }

  async #attempt<R>(sending: Sending<R>, queue: MessageQueue, deadline: number): Promise<R> {
    const { routes, remoting } = this.#client
    const address = routes.masterOf(queue.brokerName)
    if (address === undefined) {
      throw new ConnectionError(queue.brokerName, `broker ${queue.brokerName} has no master to send to`)
    }
    const { signal } = sending
    if (!remoting.isConnected(address)) {
      await this.#inTime(remoting.connect(address), deadline, { who: address, what: 'a connection attempt', signal })
    }
    return sending.send(address, queue, { timeoutMs: Math.max(1, this.#left(deadline)), signal })
  }

  /** What failed may have been the route: a broker that has left. A name server that fails now does not matter. */
  async #refresh(sending: Sending<unknown>, deadline: number): Promise<void> {
    const { routes, logger } = this.#client
    try {
      await this.#inTime(routes.refresh(sending.topic), deadline, { ...nameServers, signal: sending.signal })
    } catch (error) {
      if (!(error instanceof RocketMQError)) throw error
      logger.debug(`cannot refresh the route of ${sending.topic}: ${error.message}`)
    }
  }

  async #pause(ms: number, deadline: number, signal: AbortSignal | undefined): Promise<void> {
    await this.#client.clock.sleep(Math.max(0, Math.min(ms, this.#left(deadline))), { signal })
  }

  #left(deadline: number): number {
    return deadline - this.#client.clock.monotonic()
  }

  async #inTime<T>(
    job: Promise<T>,
    deadline: number,
    asked: { readonly who: string; readonly what: string; readonly signal: AbortSignal | undefined },
  ): Promise<T> {
    const late = (): Error => new TimeoutError(asked.who, asked.what, this.#options.timeoutMs)
    const ms = Math.max(0, this.#left(deadline))
    return unlessAborted(unlessLate(job, { clock: this.#client.clock, ms, late }), asked.signal)
  }

  #explained(error: unknown, topic: string): unknown {
    const unknownTopic = error instanceof BrokerResponseError && error.responseCode === ResponseCode.TOPIC_NOT_EXIST
    return unknownTopic ? this.#noTopic(topic, error) : error
  }

  #noTopic(topic: string, cause?: unknown): NotFoundError {
    const name = this.#client.userName(topic)
    const message = `there is no topic ${name}, and the cluster does not create topics on demand`
    return new NotFoundError('topic', name, message, { cause, suggestions: [`create it: mq topics create ${name}`] })
  }
}

function mayRetry(error: unknown, route: TopicRoute): boolean {
  if (error instanceof ConnectionError || error instanceof TimeoutError) return true
  if (!(error instanceof BrokerResponseError) || !RETRYABLE.has(error.responseCode)) return false
  if (!ELSEWHERE.has(error.responseCode)) return !(error instanceof AuthorizationError)
  return new Set(route.publishQueues.map((queue) => queue.brokerName)).size > 1
}
