import { ProtocolError } from '../errors.ts'
import {
  type BatchMember,
  decodeBatch,
  decodeProperties,
  dlqTopic,
  encodeOffsetMessageId,
  type Host,
  type Operations,
  PropertyName,
  RETRY_PREFIX,
  type RequestOf,
  ResponseCode,
  UniqKeyGenerator,
} from '../protocol/index.ts'
import type { BrokerServices } from './broker-services.ts'
import { delayed } from './delay-rules.ts'
import { requireGroup } from './group-rules.ts'
import { type Reply, ResponseFailure } from './reply.ts'
import { REGION, requireBody, requireStorable, storedProperties } from './send-rules.ts'
import type { IncomingMessage, StoredAt } from './store/message-store.ts'
import { requireSendable, requireTopicName, topicConfig, topicForSend } from './topic-rules.ts'

/** A producer's request, of either form. */
export type SendRequest = RequestOf<Operations['sendMessage']>
type SendReply = Reply<'sendMessage'>

type Services = Pick<BrokerServices, 'messages' | 'groups' | 'topics' | 'delayLevels' | 'identity' | 'locks' | 'clock'>

/** No more than this may wait to be written. */
const MAX_PENDING_BYTES = 256 * 1024 * 1024

/** Takes messages from producers (`SendMessageProcessor.java`). A reply means: on disk. */
export class Sender {
  readonly #services: Services
  readonly #ids: UniqKeyGenerator
  #turn = 0

  constructor(services: Services) {
    this.#services = services
    this.#ids = new UniqKeyGenerator({ ip: '127.0.0.1', pid: process.pid, instance: 0 })
  }

  async send(request: SendRequest, bornHost: Host): Promise<SendReply> {
    this.#requireRoom()
    requireTopicName(request.topic)
    requireSendable(request.topic)
    const { config } = topicForSend(this.#services.topics, request)
    const queues = Math.max(config.writeQueueNums, config.readQueueNums)
    if (request.queueId >= queues) {
      const remark = `request queueId[${request.queueId}] is illegal, topic[${request.topic}] has ${queues} queues`
      throw new ResponseFailure(ResponseCode.INVALID_PARAMETER, remark)
    }
    const queueId = request.queueId < 0 ? this.#turn++ % Math.max(1, config.writeQueueNums) : request.queueId
    const messages =
      request.batch === true ? this.#batch(request, queueId, bornHost) : [this.#single(request, queueId, bornHost)]
    const stored = await this.#services.messages.append(messages)
    return this.#reply(stored, queueId, request.batch === true ? undefined : messages[0])
  }

  /** Throws SYSTEM_BUSY when the disk does not keep up: what waits is held in memory. */
  #requireRoom(): void {
    const { pendingBytes } = this.#services.messages
    if (pendingBytes <= MAX_PENDING_BYTES) return
    const remark = `[PCBUSY_CLEAN_QUEUE]broker busy, ${pendingBytes} bytes are waiting for the disk`
    throw new ResponseFailure(ResponseCode.SYSTEM_BUSY, remark)
  }

  #single(request: SendRequest, queueId: number, bornHost: Host): IncomingMessage {
    const { clusterName } = this.#services.identity()
    const uniqKey = (): string => this.#ids.next(this.#services.clock.now())
    const properties = storedProperties(request.properties, { clusterName, uniqKey })
    const message = checked({ ...partsOf(request), queueId, bornHost, body: request.body, properties })
    const target = request.topic.startsWith(RETRY_PREFIX) ? this.#retried(request, message) : message
    return delayed(target, this.#services.delayLevels, this.#services.messages.now())
  }

  /** All members go to one queue, one after another, each with its own properties and no others. */
  #batch(request: SendRequest, queueId: number, bornHost: Host): readonly IncomingMessage[] {
    if (request.topic.startsWith(RETRY_PREFIX)) {
      const remark = `batch request does not support retry group ${request.topic}`
      throw new ResponseFailure(ResponseCode.MESSAGE_ILLEGAL, remark)
    }
    requireBody(request.body)
    return readBatch(request.body).map(({ flag, body, properties: text }) => {
      const properties = decodeProperties(text)
      const message = checked({ ...partsOf(request), flag, queueId, bornHost, body, properties })
      if (delayed(message, this.#services.delayLevels, this.#services.messages.now()) === message) return message
      throw new ResponseFailure(ResponseCode.MESSAGE_ILLEGAL, 'batch messages cannot be delayed')
    })
  }

  /** A consumer that could not send a message back sends it itself: too often, and it is dead. */
  #retried(request: SendRequest, message: IncomingMessage): IncomingMessage {
    const group = requireGroup(this.#services.groups, request.topic.slice(RETRY_PREFIX.length))
    const maxTimes = request.maxReconsumeTimes ?? group.retryMaxTimes
    const ordered = message.reconsumeTimes > 0 && this.#services.locks.anyLocked(group.groupName)
    if (message.reconsumeTimes <= maxTimes && !ordered) return message
    const topic = dlqTopic(group.groupName)
    if (this.#services.topics.get(topic) === undefined) this.#services.topics.put(topicConfig(topic, 1))
    return {
      ...message,
      topic,
      queueId: 0,
      properties: new Map(message.properties).set(PropertyName.DELAY, '0'),
    }
  }

  #reply(stored: readonly StoredAt[], queueId: number, single: IncomingMessage | undefined): SendReply {
    const { ip: host, port } = this.#services.identity().storeHost
    const ids = stored.map(({ position }) => encodeOffsetMessageId({ host, port, commitLogOffset: BigInt(position) }))
    return {
      outcome: 'SEND_OK',
      msgId: ids.join(','),
      queueId,
      queueOffset: stored[0]?.queueOffset ?? 0,
      transactionId: single?.properties.get(PropertyName.UNIQ_KEY),
      regionId: REGION,
      traceOn: true,
    }
  }
}

function partsOf(
  request: SendRequest,
): Pick<IncomingMessage, 'topic' | 'flag' | 'sysFlag' | 'bornTimestamp' | 'reconsumeTimes'> {
  const { topic, flag, sysFlag, bornTimestamp, reconsumeTimes = 0 } = request
  return { topic, flag, sysFlag, bornTimestamp, reconsumeTimes }
}

/** Throws MESSAGE_ILLEGAL for what cannot be stored. */
function checked(message: IncomingMessage): IncomingMessage {
  requireBody(message.body)
  requireStorable(message.properties)
  if (message.properties.get(PropertyName.TRAN_MSG)?.toLowerCase() !== 'true') return message
  throw new ResponseFailure(ResponseCode.MESSAGE_ILLEGAL, 'this broker does not take transactional messages')
}

function readBatch(body: Buffer): readonly BatchMember[] {
  try {
    const members = decodeBatch(body)
    if (members.length > 0) return members
    throw new ResponseFailure(ResponseCode.MESSAGE_ILLEGAL, 'the batch has no messages')
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    throw new ResponseFailure(ResponseCode.MESSAGE_ILLEGAL, error.message)
  }
}
