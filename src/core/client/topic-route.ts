import {
  compareQueues,
  compareText,
  type MessageQueue,
  Perm,
  QueueMap,
  type TopicRouteData,
} from '../protocol/index.ts'

/** A topic's route with what follows from it. */
export interface TopicRoute {
  readonly topic: string
  readonly data: TopicRouteData
  /** Queues to consume, in the order every member agrees on. */
  readonly subscribeQueues: readonly MessageQueue[]
  /** Queues to send to; only those whose broker has a master. */
  readonly publishQueues: readonly MessageQueue[]
}

/** Derives the queues of a route (`MQClientInstance#topicRouteData2TopicSubscribeInfo`, `…PublishInfo`). */
export function topicRoute(topic: string, data: TopicRouteData): TopicRoute {
  return { topic, data, subscribeQueues: subscribeQueues(topic, data), publishQueues: publishQueues(topic, data) }
}

function subscribeQueues(topic: string, data: TopicRouteData): MessageQueue[] {
  const readable = data.queueDatas.filter((queue) => (queue.perm & Perm.READ) !== 0)
  const queues = readable.flatMap(({ brokerName, readQueueNums }) => queuesOf(topic, brokerName, readQueueNums))
  return distinct(queues).sort(compareQueues)
}

function publishQueues(topic: string, data: TopicRouteData): MessageQueue[] {
  if (data.orderTopicConf) return orderedQueues(topic, data.orderTopicConf)
  const masters = new Set(
    data.brokerDatas.filter((broker) => broker.brokerAddrs.has(0)).map((broker) => broker.brokerName),
  )
  const queues = data.queueDatas
    .filter((queue) => (queue.perm & Perm.WRITE) !== 0 && masters.has(queue.brokerName))
    .sort((a, b) => compareText(a.brokerName, b.brokerName))
    .flatMap(({ brokerName, writeQueueNums }) => queuesOf(topic, brokerName, writeQueueNums))
  return distinct(queues)
}

/** `broker-a:4;broker-b:2`; parts that do not look so are no queues. */
function orderedQueues(topic: string, conf: string): MessageQueue[] {
  const queues = conf.split(';').flatMap((part) => {
    const [, brokerName, count] = /^\s*([^:\s]+):(\d+)\s*$/.exec(part) ?? []
    return brokerName === undefined ? [] : queuesOf(topic, brokerName, Number(count))
  })
  return distinct(queues)
}

/** A broker named twice must not make a queue count twice: every member would share out another number of queues. */
function distinct(queues: readonly MessageQueue[]): MessageQueue[] {
  const seen = new QueueMap<true>()
  return queues.filter((queue) => {
    if (seen.has(queue)) return false
    seen.set(queue, true)
    return true
  })
}

/** More queues than this on one broker is a damaged route, not a topic. */
const MAX_QUEUES = 65_536

function queuesOf(topic: string, brokerName: string, count: number): MessageQueue[] {
  return Array.from({ length: Math.max(0, Math.min(count, MAX_QUEUES)) }, (_, queueId) => ({
    topic,
    brokerName,
    queueId,
  }))
}

/** Whether two routes lead to the same queues and addresses. */
export function sameRoute(a: TopicRouteData, b: TopicRouteData): boolean {
  return fingerprint(a) === fingerprint(b)
}

function fingerprint(data: TopicRouteData): string {
  const queues = data.queueDatas.map((q) => `${q.brokerName}/${q.readQueueNums}/${q.writeQueueNums}/${q.perm}`)
  const brokers = data.brokerDatas.map((b) => `${b.brokerName}=${[...b.brokerAddrs].map(String).sort().join(',')}`)
  return `${queues.sort().join(';')} ${brokers.sort().join(';')} ${data.orderTopicConf ?? ''}`
}

/** Java's `defaultTopicQueueNums`. */
export const AUTO_CREATE_QUEUES = 4

/** The route a topic will have once a broker has created it from the template (`TBW102`). */
export function autoCreateRoute(topic: string, template: TopicRoute): TopicRoute {
  const queueDatas = template.data.queueDatas.map((queue) => ({
    ...queue,
    readQueueNums: Math.min(AUTO_CREATE_QUEUES, queue.readQueueNums),
    writeQueueNums: Math.min(AUTO_CREATE_QUEUES, queue.writeQueueNums),
  }))
  return topicRoute(topic, { ...template.data, queueDatas })
}
