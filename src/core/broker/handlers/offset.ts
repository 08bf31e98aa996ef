import { isOneway, ResponseCode } from '../../protocol/index.ts'
import type { BrokerServices } from '../broker-services.ts'
import { requireKnownGroup } from '../group-rules.ts'
import { type Handlers, ResponseFailure } from '../reply.ts'
import { searchByTime } from '../store/time-search.ts'
import { requireQueueId, requireTopic } from '../topic-rules.ts'

type Services = Pick<BrokerServices, 'offsets' | 'groups' | 'topics' | 'messages' | 'log'>

/** Committed offsets and bounds of queues (`ConsumerManageProcessor.java`, `AdminBrokerProcessor.java`). */
export function offsetHandlers(services: Services): Handlers {
  const { offsets, topics, messages } = services
  return {
    queryConsumerOffset: (request) => ({ outcome: 'FOUND', offset: committedOffset(services, request) }),
    updateConsumerOffset: async (request, { command }) => {
      requireKnownGroup(services.groups, request.consumerGroup)
      requireTopic(topics, request.topic)
      requireQueueId(request.queueId)
      const taken = offsets.commit(request.consumerGroup, request.topic, request.queueId, request.commitOffset)
      if (!taken) return { outcome: 'OK', remark: 'Offset has been previously reset' }
      if (!isOneway(command)) await offsets.flush()
      return { outcome: 'OK' }
    },
    searchOffsetByTimestamp: (request) => ({
      outcome: 'OK',
      offset: known(services, request)
        ? searchByTime(messages, request, request.timestamp, request.boundaryType ?? 'LOWER')
        : 0,
    }),
    getMaxOffset: (request) => ({
      outcome: 'OK',
      offset: known(services, request) ? messages.bounds(request.topic, request.queueId).max : 0,
    }),
    getMinOffset: (request) => ({
      outcome: 'OK',
      offset: known(services, request) ? messages.bounds(request.topic, request.queueId).min : 0,
    }),
    getEarliestMsgStoreTime: (request) => ({ outcome: 'OK', timestamp: earliest(services, request) }),
  }
}

interface QueueRequest {
  readonly topic: string
  readonly queueId: number
}

/** Java answers 0 for queues that are not there. */
function known({ topics }: Services, { topic, queueId }: QueueRequest): boolean {
  const config = topics.get(topic)?.config
  return config !== undefined && queueId >= 0 && queueId < Math.max(config.readQueueNums, config.writeQueueNums)
}

function earliest(services: Services, { topic, queueId }: QueueRequest): number {
  if (!known(services, { topic, queueId })) return -1
  const { min, max } = services.messages.bounds(topic, queueId)
  return min === max ? -1 : services.messages.storeTimeAt(topic, queueId, min)
}

/**
 * A group that never committed begins at 0 while message 0 is there and the client does not object; else it is told that
 * there is no offset, and begins where its own settings say.
 */
function committedOffset(
  { offsets, messages }: Services,
  request: QueueRequest & { readonly consumerGroup: string; readonly setZeroIfNotFound?: boolean | undefined },
): number {
  const { consumerGroup, topic, queueId } = request
  const committed = offsets.get(consumerGroup, topic, queueId)
  if (committed && committed.offset >= 0) return committed.offset
  const { min, max } = queueId < 0 ? { min: 0, max: 0 } : messages.bounds(topic, queueId)
  if (request.setZeroIfNotFound !== false && min === 0 && max > 0) return 0
  throw new ResponseFailure(
    ResponseCode.QUERY_NOT_FOUND,
    `Not found, group ${consumerGroup} has no offset in queue ${queueId} of topic ${topic}`,
  )
}
