import { AUTO_CREATE_QUEUES } from '../client/index.ts'
import {
  AUTO_CREATE_TOPIC,
  type MessageQueue,
  type Operations,
  PropertyName,
  type RequestOf,
} from '../protocol/index.ts'

/** What a send request is made of. */
export interface SendParts {
  readonly producerGroup: string
  readonly queue: MessageQueue
  readonly bornTimestamp: number
  readonly flag: number
  readonly properties: string
  readonly body: Buffer
}

/** A request for SEND_MESSAGE_V2 and, with `batch`, for SEND_BATCH_MESSAGE. */
export function sendRequest(parts: SendParts, batch: boolean): RequestOf<Operations['sendMessageV2']> {
  return {
    producerGroup: parts.producerGroup,
    topic: parts.queue.topic,
    defaultTopic: AUTO_CREATE_TOPIC,
    defaultTopicQueueNums: AUTO_CREATE_QUEUES,
    queueId: parts.queue.queueId,
    sysFlag: 0,
    bornTimestamp: parts.bornTimestamp,
    flag: parts.flag,
    properties: parts.properties,
    reconsumeTimes: 0,
    unitMode: false,
    batch,
    brokerName: parts.queue.brokerName,
    body: parts.body,
  }
}

/** Properties of a batch as a whole. Never a UNIQ_KEY: brokers 5.1–5.3 would give it to every member. */
export const batchProperties = `${PropertyName.WAIT}\u0001true\u0002`
