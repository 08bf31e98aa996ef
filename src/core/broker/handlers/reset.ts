import { type MessageQueue, type Operations, type RequestOf, ResponseCode } from '../../protocol/index.ts'
import type { BrokerServices } from '../broker-services.ts'
import { requireKnownGroup } from '../group-rules.ts'
import { type Handlers, ResponseFailure } from '../reply.ts'
import { searchByTime } from '../store/time-search.ts'
import { requireQueueId, requireTopic } from '../topic-rules.ts'

type Services = Pick<BrokerServices, 'topics' | 'groups' | 'messages' | 'offsets' | 'polling' | 'identity'>
type ResetRequest = RequestOf<Operations['invokeBrokerToResetOffset']>

/**
 * Resetting a group's offsets on the broker's side (`AdminBrokerProcessor#resetOffset`): the new offset counts at once, the
 * group's next pull is told of it, and what its members commit until then is ignored. Pulls that wait are answered at once.
 */
export function resetHandlers(services: Services): Handlers {
  return {
    invokeBrokerToResetOffset: async (request) => {
      const { topics, groups, offsets, polling } = services
      requireTopic(topics, request.topic)
      requireKnownGroup(groups, request.group)
      const offsetTable = targets(services, request)
      for (const [{ topic, queueId }, offset] of offsetTable) {
        offsets.reset(request.group, topic, queueId, offset)
        polling.wake(topic, queueId, request.group)
      }
      await offsets.flush()
      return { outcome: 'OK', body: { offsetTable } }
    },
  }
}

/** One queue to an offset or a time, or all queues to a time; a negative time means the end. */
function targets(services: Services, request: ResetRequest): readonly (readonly [MessageQueue, number])[] {
  const { topic, timestamp, queueId = -1, offset = -1 } = request
  const { brokerName } = services.identity()
  const byTime = (id: number): number =>
    timestamp < 0
      ? services.messages.bounds(topic, id).max
      : searchByTime(services.messages, { topic, queueId: id }, timestamp, 'LOWER')
  if (queueId < 0) {
    const count = requireTopic(services.topics, topic).config.readQueueNums
    return Array.from({ length: count }, (_, id) => [{ brokerName, queueId: id, topic }, byTime(id)])
  }
  requireQueueId(queueId)
  if (offset < 0) return [[{ brokerName, queueId, topic }, byTime(queueId)]]
  const { min, max } = services.messages.bounds(topic, queueId)
  if (offset < min || offset > max + 1) {
    const remark = `Target offset ${offset} not in consume queue range [${min}-${max}]`
    throw new ResponseFailure(ResponseCode.SYSTEM_ERROR, remark)
  }
  return [[{ brokerName, queueId, topic }, offset]]
}
