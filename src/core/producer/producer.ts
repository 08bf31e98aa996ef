import { type ClientInstance, localIp } from '../client/index.ts'
import { NotFoundError, RefusedError } from '../errors.ts'
import {
  checkGroupName,
  encodeBatch,
  type MessageQueue,
  type Operations,
  PropertyName,
  queueKey,
  type ResponseOf,
  UniqKeyGenerator,
} from '../protocol/index.ts'
import { checkBatch } from './message-batch.ts'
import { checkBodyBytes, checkMessage, type OutgoingMessage, outgoingProperties } from './outgoing-message.ts'
import { type QueueSelector, RoundRobin, selectByHash } from './queue-selector.ts'
import { SendAttempts, type Sending } from './send-attempts.ts'
import { batchProperties, type SendParts, sendRequest } from './send-request.ts'

/** Settings of a producer. */
export interface ProducerOptions {
  /** @default MQ_PRODUCER */
  readonly group?: string
  /** For one message with all its attempts, in ms. @default 3000 */
  readonly sendTimeoutMs?: number
  /** Further attempts after a failed one, on another broker if there is one. @default 2 */
  readonly retries?: number
  /**
   * For message ids: an address of this host, this process, and what tells this producer from others in it.
   * @default what they are
   */
  readonly origin?: { readonly ip: string; readonly pid: number; readonly instance: number }
}

/** Producers of this process so far. */
let instances = 0

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
  /** Chooses the queue, whatever the message's sharding key. @default by sharding key, else each queue in turn */
  readonly selector?: QueueSelector
  readonly signal?: AbortSignal | undefined
}

type SendResponse = ResponseOf<Operations['sendMessageV2']>

/** Sends messages (`DefaultMQProducer.java`). Close it to leave its group. */
export class Producer {
  readonly #client: ClientInstance
  readonly #group: string
  readonly #ids: UniqKeyGenerator
  readonly #attempts: SendAttempts
  readonly #roundRobin: RoundRobin
  /** Topics sent to, whose routes are kept fresh; named as on the wire. */
  readonly #topics = new Set<string>()
  #closed = false

  /** @throws UsageError for a bad group name. */
  constructor(client: ClientInstance, options: ProducerOptions = {}) {
    const { group = 'MQ_PRODUCER', sendTimeoutMs = 3000, retries = 2 } = options
    const origin = options.origin ?? { ip: localIp(), pid: process.pid, instance: instances++ }
    this.#client = client
    this.#group = client.wireName(group)
    checkGroupName(this.#group)
    this.#ids = new UniqKeyGenerator(origin)
    this.#attempts = new SendAttempts(client, { timeoutMs: sendTimeoutMs, retries })
    this.#roundRobin = new RoundRobin(Math.abs(origin.pid + origin.instance))
    client.addProducer(this.#group)
  }

  /**
   * Sends one message and waits until the broker has stored it. Rejects with NotFoundError when the topic does not
   * exist and is not created on demand, with UsageError for a message no broker takes, with TimeoutError when the time
   * is over, or with the last attempt's error.
   */
  async send(message: OutgoingMessage, options: SendOptions = {}): Promise<SendResult> {
    const { msgId, properties } = this.#prepare(message)
    const { queue, response } = await this.#attempts.run({
      ...this.#sending(message, options),
      send: (address, chosen, limits) => {
        const request = sendRequest({ ...this.#parts(message, chosen), properties }, false)
        return this.#client.remoting.invoke(address, 'sendMessageV2', request, limits)
      },
    })
    return this.#result(queue, response, msgId)
  }

  /** Sends without waiting: one attempt, and nobody knows whether it arrived. Rejects only when nothing could be sent. */
  async sendOneway(message: OutgoingMessage, options: SendOptions = {}): Promise<string> {
    const { msgId, properties } = this.#prepare(message)
    await this.#attempts.once({
      ...this.#sending(message, options),
      send: (address, chosen) => {
        const request = sendRequest({ ...this.#parts(message, chosen), properties }, false)
        return this.#client.remoting.oneway(address, 'sendMessageV2', request)
      },
    })
    return msgId
  }

  /**
   * Sends several messages of one topic as one request: all are stored in one queue, one after another, or none.
   * Delayed messages, those for retry topics and those with different sharding keys cannot travel so.
   */
  async sendBatch(messages: readonly OutgoingMessage[], options: SendOptions = {}): Promise<SendResult[]> {
    const [first] = messages
    if (first === undefined) return []
    checkBatch(messages)
    const members = messages.map((message) => ({
      ...this.#prepare(message),
      body: message.body,
      flag: message.flag ?? 0,
    }))
    const body = encodeBatch(members)
    checkBodyBytes('a batch', body.length)
    const { queue, response } = await this.#attempts.run({
      ...this.#sending(first, options),
      send: (address, chosen, limits) => {
        const parts = { ...this.#parts(first, chosen), body, flag: 0, properties: batchProperties }
        return this.#client.remoting.invoke(address, 'sendBatchMessage', sendRequest(parts, true), limits)
      },
    })
    const offsetIds = response.msgId.split(',')
    return members.map(({ msgId }, index) => ({
      ...this.#result(queue, response, msgId),
      offsetMsgId: offsetIds[index] ?? '',
      queueOffset: response.queueOffset + index,
    }))
  }

  /** Leaves the producer group. May be called more than once. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const topic of this.#topics) this.#client.routes.unwatch(topic)
    await this.#client.removeProducer(this.#group)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Checks a message and gives it its id. */
  #prepare(message: OutgoingMessage): { readonly msgId: string; readonly properties: string } {
    checkMessage(message)
    const msgId = message.properties?.get(PropertyName.UNIQ_KEY) ?? this.#ids.next(this.#client.clock.now())
    const own = { uniqKey: msgId, namespace: this.#client.namespace }
    return { msgId, properties: outgoingProperties(message, own) }
  }

  #sending(message: OutgoingMessage, options: SendOptions): Omit<Sending<unknown>, 'send'> {
    const topic = this.#client.wireName(message.topic)
    this.#watch(topic)
    return {
      topic,
      choose: (queues, failedBroker) => this.#choose(queues, message, options, failedBroker),
      signal: options.signal,
    }
  }

  /** The first message makes the client a live one: brokers list its group, and routes are kept fresh. */
  #watch(topic: string): void {
    if (this.#closed || this.#topics.has(topic)) return
    this.#topics.add(topic)
    this.#client.routes.watch(topic)
    this.#client.start()
  }

  #choose(
    queues: readonly MessageQueue[],
    message: OutgoingMessage,
    options: SendOptions,
    failedBroker: string | undefined,
  ): MessageQueue {
    const { shardingKey, topic } = message
    const selector = options.selector ?? (shardingKey === undefined ? undefined : selectByHash(shardingKey))
    const queue = selector ? selector(queues, message) : this.#roundRobin.select(queues, failedBroker)
    if (queue && (queues.includes(queue) || queues.some((one) => queueKey(one) === queueKey(queue)))) return queue
    if (queues.length === 0) throw new RefusedError(`topic ${topic} has no queue that can be written`)
    throw new NotFoundError('queue', topic, `topic ${topic} has no such queue`)
  }

  #parts(message: OutgoingMessage, queue: MessageQueue): Omit<SendParts, 'properties'> {
    return {
      producerGroup: this.#group,
      queue,
      bornTimestamp: this.#client.clock.now(),
      flag: message.flag ?? 0,
      body: message.body,
    }
  }

  #result(queue: MessageQueue, response: SendResponse, msgId: string): SendResult {
    const { outcome, msgId: offsetMsgId, queueId, queueOffset } = response
    const { brokerName } = queue
    const topic = this.#client.userName(queue.topic)
    return { status: outcome, msgId, offsetMsgId, queue: { topic, brokerName, queueId }, queueOffset }
  }
}
