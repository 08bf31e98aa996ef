import { dlqTopic, type MessageExt, PropertyName, ResponseCode, retryTopic } from '../protocol/index.ts'
import type { BrokerServices } from './broker-services.ts'
import { delayed } from './delay-rules.ts'
import { ensureRetryTopic, requireGroup } from './group-rules.ts'
import { ResponseFailure } from './reply.ts'
import { requireStorable } from './send-rules.ts'
import type { IncomingMessage } from './store/message-store.ts'
import { topicConfig } from './topic-rules.ts'

/** A consumer's wish to get a message again (`ConsumerSendMsgBackRequestHeader.java`). */
export interface SendBack {
  readonly offset: bigint
  readonly group: string
  /** 0: by how often it was sent back; negative: straight to the dead-letter queue. */
  readonly delayLevel: number
  readonly originTopic?: string | undefined
  readonly maxReconsumeTimes?: number | undefined
}

type Services = Pick<BrokerServices, 'messages' | 'groups' | 'topics' | 'delayLevels'>

/** The delay level of the first retry: 10 s. */
const FIRST_RETRY_LEVEL = 3

/**
 * Stores a copy for the group's retry topic, to come after a while, or for its dead-letter topic
 * (`AbstractSendMessageProcessor#consumerSendMsgBack`). Resolves when it is on disk.
 */
export async function sendBack(services: Services, request: SendBack): Promise<void> {
  const group = requireGroup(services.groups, request.group)
  if (group.retryQueueNums <= 0) return
  ensureRetryTopic(services.topics, group)
  const original = services.messages.at(Number(request.offset))
  if (original === undefined) {
    throw new ResponseFailure(ResponseCode.SYSTEM_ERROR, `look message by offset failed, ${request.offset}`)
  }
  const maxTimes = request.maxReconsumeTimes ?? group.retryMaxTimes
  const dead = original.reconsumeTimes >= maxTimes || request.delayLevel < 0
  const copy = dead ? toDeadLetters(services, group.groupName, original) : toRetry(services, request, original)
  requireStorable(copy.properties)
  await services.messages.append([delayed(copy, services.delayLevels, services.messages.now())])
}

function toRetry(services: Services, request: SendBack, original: MessageExt): IncomingMessage {
  const topic = retryTopic(request.group)
  const level = request.delayLevel === 0 ? FIRST_RETRY_LEVEL + original.reconsumeTimes : request.delayLevel
  const queues = Math.max(1, services.topics.get(topic)?.config.writeQueueNums ?? 1)
  return copyOf(original, topic, original.queueOffset % queues, level)
}

function toDeadLetters(services: Services, group: string, original: MessageExt): IncomingMessage {
  const topic = dlqTopic(group)
  if (services.topics.get(topic) === undefined) services.topics.put(topicConfig(topic, 1))
  return copyOf(original, topic, 0, 0)
}

function copyOf(original: MessageExt, topic: string, queueId: number, level: number): IncomingMessage {
  const properties = new Map(original.properties)
  if (!properties.has(PropertyName.RETRY_TOPIC)) properties.set(PropertyName.RETRY_TOPIC, original.storedTopic)
  if (!properties.has(PropertyName.ORIGIN_MESSAGE_ID)) {
    properties.set(PropertyName.ORIGIN_MESSAGE_ID, original.offsetMsgId)
  }
  properties.set(PropertyName.WAIT, 'false')
  properties.set(PropertyName.DELAY, String(level))
  properties.delete(PropertyName.REAL_TOPIC)
  properties.delete(PropertyName.REAL_QID)
  return {
    topic,
    queueId,
    flag: original.flag,
    sysFlag: original.sysFlag,
    bornTimestamp: original.bornTimestamp,
    bornHost: original.bornHost,
    reconsumeTimes: original.reconsumeTimes + 1,
    body: Buffer.from(original.storedBody),
    properties,
  }
}
