import { UsageError } from '../errors.ts'
import {
  AUTO_CREATE_TOPIC,
  checkTopicName,
  isSystemTopic,
  Perm,
  RETRY_PREFIX,
  ResponseCode,
  type TopicConfig,
} from '../protocol/index.ts'
import { ResponseFailure } from './reply.ts'
import { SCHEDULE_TOPIC, TIMER_TOPIC } from './store/delay-levels.ts'
import type { Topic, TopicTable } from './store/topic-table.ts'

/** Topics only the broker itself may write to (`TopicValidator#isNotAllowedSendTopic`). */
const notForClients = new Set([
  SCHEDULE_TOPIC,
  'RMQ_SYS_TRANS_HALF_TOPIC',
  'RMQ_SYS_TRANS_OP_HALF_TOPIC',
  'TRANS_CHECK_MAX_TIME_TOPIC',
  'SELF_TEST_TOPIC',
  'OFFSET_MOVED_EVENT',
])

const READ_WRITE = Perm.READ | Perm.WRITE

/** A topic with Java's defaults. */
export function topicConfig(
  topicName: string,
  queues: number,
  parts: Partial<Pick<TopicConfig, 'perm' | 'order'>> = {},
): TopicConfig {
  return {
    attributes: new Map(),
    order: false,
    perm: READ_WRITE,
    readQueueNums: queues,
    writeQueueNums: queues,
    topicFilterType: 'SINGLE_TAG',
    topicName,
    topicSysFlag: 0,
    ...parts,
  }
}

/** Throws INVALID_PARAMETER for a name no topic can have. */
export function requireTopicName(topic: string): void {
  try {
    checkTopicName(topic)
  } catch (error) {
    if (error instanceof UsageError) throw new ResponseFailure(ResponseCode.INVALID_PARAMETER, error.message)
    throw error
  }
}

/** Throws NO_PERMISSION for a topic that takes nothing from clients. */
export function requireSendable(topic: string): void {
  if (notForClients.has(topic)) {
    throw new ResponseFailure(ResponseCode.NO_PERMISSION, `Sending message to topic[${topic}] is forbidden.`)
  }
}

/** Throws TOPIC_NOT_EXIST. */
export function requireTopic(topics: TopicTable, topic: string): Topic {
  const found = topics.get(topic)
  if (found) return found
  throw new ResponseFailure(
    ResponseCode.TOPIC_NOT_EXIST,
    `topic[${topic}] not exist, apply first please! See https://rocketmq.apache.org/docs/bestPractice/06FAQ for further details.`,
  )
}

/** What a producer says about a topic that may have to be made. */
export interface AutoCreate {
  readonly topic: string
  readonly defaultTopic: string
  readonly defaultTopicQueueNums: number
}

/**
 * The topic of a send, made if it does not exist and its template may be inherited from
 * (`TopicConfigManager#createTopicInSendMessageMethod`). Throws TOPIC_NOT_EXIST.
 */
export function topicForSend(topics: TopicTable, send: AutoCreate): Topic {
  const known = topics.get(send.topic)
  if (known) return known
  if (send.topic.startsWith(RETRY_PREFIX)) return topics.put(topicConfig(send.topic, 1))
  const template = topics.get(send.defaultTopic)?.config
  if (template === undefined || (template.perm & Perm.INHERIT) === 0) return requireTopic(topics, send.topic)
  const queues = Math.max(0, Math.min(send.defaultTopicQueueNums, template.writeQueueNums))
  return topics.put(topicConfig(send.topic, queues, { perm: template.perm & ~Perm.INHERIT }))
}

/** The broker's own topics, made at every start if they are not there (`TopicConfigManager#init`). */
export function ownTopics(clusterName: string, brokerName: string, delayLevels: number): readonly TopicConfig[] {
  const inherited = { perm: READ_WRITE | Perm.INHERIT }
  return [
    topicConfig('SELF_TEST_TOPIC', 1),
    topicConfig(AUTO_CREATE_TOPIC, 8, inherited),
    topicConfig('BenchmarkTest', 1024),
    topicConfig(clusterName, 16, inherited),
    topicConfig(brokerName, 1, inherited),
    topicConfig('OFFSET_MOVED_EVENT', 1),
    topicConfig(SCHEDULE_TOPIC, delayLevels),
    topicConfig('RMQ_SYS_TRACE_TOPIC', 1),
    topicConfig(`${clusterName}_REPLY_TOPIC`, 1),
    topicConfig('RMQ_SYS_TRANS_HALF_TOPIC', 1),
    topicConfig('RMQ_SYS_TRANS_OP_HALF_TOPIC', 1),
    topicConfig(TIMER_TOPIC, 1),
  ]
}

/** Whether a topic is one of the broker's own. */
export function isOwnTopic(topic: string, clusterName: string, brokerName: string): boolean {
  return isSystemTopic(topic) || topic === clusterName || topic === brokerName || topic === `${clusterName}_REPLY_TOPIC`
}

/** Throws INVALID_PARAMETER for a number no queue can have. */
export function requireQueueId(queueId: number): void {
  if (queueId >= 0 && queueId <= 0xffff) return
  throw new ResponseFailure(ResponseCode.INVALID_PARAMETER, `queue id ${queueId} is illegal; 0 to 65535 are allowed`)
}
