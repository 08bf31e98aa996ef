import { autoCreateRoute, type ClientInstance, type TopicRoute } from '../client/index.ts'
import { BrokerResponseError, ConnectionError, NotFoundError, RefusedError, TimeoutError } from '../errors.ts'
import {
  AUTO_CREATE_TOPIC,
  type MessageQueue,
  type Operations,
  PropertyName,
  ResponseCode,
  type ResponseOf,
  UniqKeyGenerator,
} from '../protocol/index.ts'
import { type OutgoingMessage, outgoingProperties } from './outgoing-message.ts'
import { type QueueSelector, RoundRobin, selectByHash } from './queue-selector.ts'
import { batchBody, batchProperties, sendRequest } from './send-request.ts'

/** Settings of a producer. */
export interface ProducerOptions {
  /** @default MQ_PRODUCER */
  readonly group?: string
  /** For one message with all its attempts, in ms. @default 3000 */
  readonly sendTimeoutMs?: number
  /** Further attempts after a failed one, on another broker if there is one. @default 2 */
  readonly retries?: number
  /** For message ids: an address of this host, this process, and what tells this producer from others in it. */
  readonly origin: { readonly ip: string; readonly pid: number; readonly instance: number }
}

/** What became of a message. Every status means that the broker has stored it. */
export interface SendResult {
  readonly status: 'SEND_OK' | 'FLUSH_DISK_TIMEOUT' | 'SLAVE_NOT_AVAILABLE' | 'FLUSH_SLAVE_TIMEOUT'
  /** The id given by this producer. */
  readonly msgId: string
  /** The id given by the broker. */
  readonly offsetMsgId: string
  readonly queue: MessageQueue
  readonly queueOffset: number
}

/** Per-message settings. */
export interface SendOptions {
  /** Overrides the message's sharding key. */
  readonly selector?: QueueSelector
  readonly signal?: AbortSignal | undefined
}

/** Refusals after which another attempt can help (`DefaultMQProducer.retryResponseCodes`). */
const RETRYABLE: ReadonlySet<number> = new Set<number>([
  ResponseCode.SYSTEM_ERROR,
  ResponseCode.SYSTEM_BUSY,
  ResponseCode.SERVICE_NOT_AVAILABLE,
  ResponseCode.NO_PERMISSION,
  ResponseCode.TOPIC_NOT_EXIST,
  ResponseCode.GO_AWAY,
])

type SendResponse = ResponseOf<Operations['sendMessageV2']>

/** Sends messages (`DefaultMQProducer.java`). Close it to leave its group. */
export class Producer {
  readonly #client: ClientInstance
  readonly #group: string
  readonly #sendTimeoutMs: number
  readonly #retries: number
  readonly #ids: UniqKeyGenerator
  readonly #roundRobin = new RoundRobin()

  constructor(client: ClientInstance, options: ProducerOptions) {
    this.#client = client
    this.#group = options.group ?? 'MQ_PRODUCER'
    this.#sendTimeoutMs = options.sendTimeoutMs ?? 3000
    this.#retries = options.retries ?? 2
    this.#ids = new UniqKeyGenerator(options.origin)
    client.addProducer(this.#group)
  }

  /**
   * Sends one message and waits until the broker has stored it. Rejects with NotFoundError when the topic does not
   * exist and is not created on demand, with UsageError for a message no broker takes, or with the last attempt's error.
   */
  async send(message: OutgoingMessage, options: SendOptions = {}): Promise<SendResult> {
    const msgId = message.properties?.get(PropertyName.UNIQ_KEY) ?? this.#ids.next(this.#client.clock.now())
    const properties = outgoingProperties(message, msgId)
    const { queue, response } = await this.#attempt(message, options, (address, chosen) => {
      const request = sendRequest({ ...this.#parts(message, chosen), properties }, false)
      return this.#client.remoting.invoke(address, 'sendMessageV2', request, this.#wait(options))
    })
    return result(queue, response, msgId)
  }

  /** Sends without waiting: one attempt, and nobody knows whether it arrived. Rejects only when nothing could be sent. */
  async sendOneway(message: OutgoingMessage, options: SendOptions = {}): Promise<string> {
    const msgId = this.#ids.next(this.#client.clock.now())
    const properties = outgoingProperties(message, msgId)
    const queue = this.#select(await this.#route(message.topic), message, options, undefined)
    const address = this.#master(queue)
    const request = sendRequest({ ...this.#parts(message, queue), properties }, false)
    await this.#client.remoting.oneway(address, 'sendMessageV2', request)
    return msgId
  }

  /**
   * Sends several messages of one topic as one request: all are stored in one queue, one after another, or none.
   * Delayed messages and those for retry topics cannot travel so.
   */
  async sendBatch(messages: readonly OutgoingMessage[], options: SendOptions = {}): Promise<SendResult[]> {
    const [first] = messages
    if (first === undefined) return []
    const ids = messages.map(() => this.#ids.next(this.#client.clock.now()))
    const body = batchBody(messages, ids)
    const { queue, response } = await this.#attempt(first, options, (address, chosen) => {
      const parts = { ...this.#parts(first, chosen), body, flag: 0, properties: batchProperties }
      return this.#client.remoting.invoke(address, 'sendBatchMessage', sendRequest(parts, true), this.#wait(options))
    })
    const offsetIds = response.msgId.split(',')
    return ids.map((msgId, index) => ({
      ...result(queue, response, msgId),
      offsetMsgId: offsetIds[index] ?? '',
      queueOffset: response.queueOffset + index,
    }))
  }

  /** Leaves the producer group. */
  async close(): Promise<void> {
    await this.#client.removeProducer(this.#group)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #attempt(
    message: OutgoingMessage,
    options: SendOptions,
    send: (address: string, queue: MessageQueue) => Promise<SendResponse>,
  ): Promise<{ queue: MessageQueue; response: SendResponse }> {
    const deadline = this.#client.clock.monotonic() + this.#sendTimeoutMs
    let failedBroker: string | undefined
    for (let left = this.#retries; ; left--) {
      const queue = this.#select(await this.#route(message.topic), message, options, failedBroker)
      try {
        return { queue, response: await send(this.#master(queue), queue) }
      } catch (error) {
        if (left === 0 || !canRetry(error) || this.#client.clock.monotonic() >= deadline) throw error
        failedBroker = queue.brokerName
        await this.#client.routes.refresh(message.topic)
      }
    }
  }

  async #route(topic: string): Promise<TopicRoute> {
    const known = await this.#client.routes.get(topic)
    if (known) return known
    const template = await this.#client.routes.get(AUTO_CREATE_TOPIC)
    if (template) return autoCreateRoute(topic, template)
    throw new NotFoundError(
      'topic',
      topic,
      `there is no topic ${topic}, and the cluster does not create topics on demand`,
      {
        suggestions: [`create it: mq topics create ${topic}`],
      },
    )
  }

  #select(
    route: TopicRoute,
    message: OutgoingMessage,
    options: SendOptions,
    failedBroker: string | undefined,
  ): MessageQueue {
    const queues = route.publishQueues
    const selector =
      options.selector ?? (message.shardingKey === undefined ? undefined : selectByHash(message.shardingKey))
    const queue = selector ? selector(queues) : this.#roundRobin.select(queues, failedBroker)
    if (queue) return queue
    if (queues.length === 0) throw new RefusedError(`topic ${message.topic} has no queue that can be written`)
    throw new NotFoundError('queue', message.topic, `topic ${message.topic} has no such queue`)
  }

  #master(queue: MessageQueue): string {
    const address = this.#client.routes.masterOf(queue.brokerName)
    if (address !== undefined) return address
    throw new ConnectionError(queue.brokerName, `broker ${queue.brokerName} has no master to send to`)
  }

  #parts(
    message: OutgoingMessage,
    queue: MessageQueue,
  ): { producerGroup: string; queue: MessageQueue; bornTimestamp: number; flag: number; body: Buffer } {
    return {
      producerGroup: this.#group,
      queue: { ...queue, topic: message.topic },
      bornTimestamp: this.#client.clock.now(),
      flag: message.flag ?? 0,
      body: message.body,
    }
  }

  #wait(options: SendOptions): { timeoutMs: number; signal: AbortSignal | undefined } {
    return { timeoutMs: this.#sendTimeoutMs, signal: options.signal }
  }
}

function canRetry(error: unknown): boolean {
  if (error instanceof BrokerResponseError) return RETRYABLE.has(error.responseCode)
  return error instanceof ConnectionError || error instanceof TimeoutError
}

function result(queue: MessageQueue, response: SendResponse, msgId: string): SendResult {
  const { outcome, msgId: offsetMsgId, queueId, queueOffset } = response
  return { status: outcome, msgId, offsetMsgId, queue: { ...queue, queueId }, queueOffset }
}
