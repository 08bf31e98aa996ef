import { ResponseCode } from '../../protocol/index.ts'
import type { BrokerServices } from '../broker-services.ts'
import { type Handlers, ResponseFailure } from '../reply.ts'
import { requireTopic } from '../topic-rules.ts'

type Services = Pick<BrokerServices, 'topics' | 'messages' | 'offsets' | 'consumers' | 'identity' | 'traffic' | 'clock'>

/** How far queues and groups are (`AdminBrokerProcessor#getTopicStatsInfo`, `#getConsumeStats`, `#queryConsumeTimeSpan`). */
export function statsHandlers(services: Services): Handlers {
  return {
    getAllConsumerOffset: () => ({ outcome: 'OK', body: { offsetTable: allOffsets(services) } }),
    queryConsumeTimeSpan: ({ topic, group }) => ({
      outcome: 'OK',
      body: { consumeTimeSpanSet: timeSpans(services, topic, group) },
    }),
    getTopicStatsInfo: ({ topic }) => ({
      outcome: 'OK',
      body: { offsetTable: topicOffsets(services, topic), topicPutTps: services.traffic.putRate(topic) },
    }),
    viewBrokerStatsData: ({ statsName, statsKey }) => {
      const tps = rateOf(services, statsName, statsKey)
      const statsMinute = { avgpt: 0, sum: Math.round(tps * 60), tps }
      return { outcome: 'OK', body: { statsMinute, statsHour: undefined, statsDay: undefined } }
    },
    getConsumeStats: ({ consumerGroup, topic }) => {
      const topics = topic ? [topic] : services.offsets.topicsOf(consumerGroup)
      const shown = topics.filter((name) => isShown(services, consumerGroup, name))
      const rates = shown.map((name) => services.traffic.getRate(consumerGroup, name))
      return {
        outcome: 'OK',
        body: {
          consumeTps: rates.reduce((sum, rate) => sum + rate, 0),
          offsetTable: shown.flatMap((name) => progress(services, consumerGroup, name)),
        },
      }
    },
  }
}

/** The two counters there are; all others are answered as one that has counted nothing. */
function rateOf({ traffic }: Services, statsName: string, statsKey: string): number {
  const [topic = '', group] = statsKey.split('@')
  if (statsName === 'TOPIC_PUT_NUMS') return traffic.putRate(statsKey)
  if (statsName === 'GROUP_GET_NUMS' && group !== undefined) return traffic.getRate(group, topic)
  throw new ResponseFailure(ResponseCode.SYSTEM_ERROR, `The stats <${statsName}> <${statsKey}> not exist`)
}

interface Queue {
  readonly brokerName: string
  readonly queueId: number
  readonly topic: string
}

function queuesOf({ identity }: Services, topic: string, count: number): readonly Queue[] {
  const { brokerName } = identity()
  return Array.from({ length: count }, (_, queueId) => ({ brokerName, queueId, topic }))
}

interface TopicOffset {
  readonly lastUpdateTimestamp: number
  readonly maxOffset: number
  readonly minOffset: number
}

function topicOffsets(services: Services, topic: string): readonly (readonly [Queue, TopicOffset])[] {
  const { config } = requireTopic(services.topics, topic)
  const count = Math.max(config.readQueueNums, config.writeQueueNums)
  return queuesOf(services, topic, count).map((queue) => {
    const { min, max } = services.messages.bounds(topic, queue.queueId)
    const lastUpdateTimestamp = max > min ? services.messages.storeTimeAt(topic, queue.queueId, max - 1) : 0
    return [queue, { lastUpdateTimestamp, maxOffset: max, minOffset: min }]
  })
}

/** A topic a group that is online no longer subscribes is not part of its progress. */
function isShown({ consumers, topics }: Services, group: string, topic: string): boolean {
  const online = consumers.get(group)
  return topics.get(topic) !== undefined && (online === undefined || online.subscriptions.has(topic))
}

interface Progress {
  readonly brokerOffset: number
  readonly consumerOffset: number
  readonly lastTimestamp: number
  readonly pullOffset: number
}

function progress(services: Services, group: string, topic: string): readonly (readonly [Queue, Progress])[] {
  const { config } = requireTopic(services.topics, topic)
  return queuesOf(services, topic, config.readQueueNums).map((queue) => {
    const { queueId } = queue
    const { max } = services.messages.bounds(topic, queueId)
    const consumerOffset = Math.max(0, services.offsets.get(group, topic, queueId)?.offset ?? 0)
    const pulled = services.offsets.pulledOffset(group, topic, queueId) ?? 0
    return [
      queue,
      {
        brokerOffset: max,
        consumerOffset,
        lastTimestamp: services.messages.storeTimeAt(topic, queueId, consumerOffset - 1),
        pullOffset: Math.max(consumerOffset, pulled),
      },
    ]
  })
}

function allOffsets({ offsets }: Services): ReadonlyMap<string, ReadonlyMap<number, number>> {
  const entries = offsets.groups().flatMap((group) =>
    offsets.topicsOf(group).map((topic) => {
      const queues = [...offsets.queuesOf(group, topic)].map(([queueId, { offset }]) => [queueId, offset] as const)
      return [`${topic}@${group}`, new Map(queues)] as const
    }),
  )
  return new Map(entries)
}

interface TimeSpan {
  readonly consumeTimeStamp: number
  readonly delayTime: number
  readonly maxTimeStamp: number
  readonly messageQueue: Queue
  readonly minTimeStamp: number
}

/** Java takes the committed offset for 0 where there is none. */
function timeSpans(services: Services, topic: string, group: string): readonly TimeSpan[] {
  const { messages, offsets, clock } = services
  const { config } = requireTopic(services.topics, topic)
  return queuesOf(services, topic, config.writeQueueNums).map((messageQueue) => {
    const { queueId } = messageQueue
    const { min, max } = messages.bounds(topic, queueId)
    const committed = Math.max(0, offsets.get(group, topic, queueId)?.offset ?? 0)
    const minTimeStamp = max > min ? messages.storeTimeAt(topic, queueId, min) : -1
    return {
      messageQueue,
      minTimeStamp,
      maxTimeStamp: max > min ? messages.storeTimeAt(topic, queueId, max - 1) : 0,
      consumeTimeStamp: committed > 0 ? messages.storeTimeAt(topic, queueId, committed - 1) : minTimeStamp,
      delayTime: committed < max ? clock.now() - messages.storeTimeAt(topic, queueId, committed) : 0,
    }
  })
}
