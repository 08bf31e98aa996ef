import {
  ackPositions,
  type Operations,
  parsePopHandle,
  popRealTopic,
  RETRY_PREFIX,
  type RequestOf,
  ResponseCode,
} from '../../protocol/index.ts'
import type { BrokerServices } from '../broker-services.ts'
import { assignment } from '../pop/assignment.ts'
import { PopRequests } from '../pop/pop-requests.ts'
import { type Handlers, ResponseFailure } from '../reply.ts'
import type { PoppedId } from '../store/popped-table.ts'
import { requireTopic } from '../topic-rules.ts'

type PoppedRequest = Omit<RequestOf<Operations['ackMessage']>, 'bname'>

/** POP, and what decides whether it is used (`PopMessageProcessor`, `AckMessageProcessor`, `QueryAssignmentProcessor` …). */
export function popHandlers(services: BrokerServices): Handlers {
  const requests = new PopRequests(services)
  const { journal, popped, modes, consumers } = services
  return {
    popMessage: (request, context) => requests.pop(request, context),
    ackMessage: async (request) => {
      await journal.write([popped.remove(requirePopped(services, request))])
      return { outcome: 'OK' }
    },
    batchAckMessage: async ({ body: { acks } }) => {
      await journal.write(acks.flatMap(batchIds).map((id) => popped.remove(id)))
      return { outcome: 'OK' }
    },
    changeMessageInvisibleTime: async (request) => changeInvisibleTime(services, request),
    queryAssignment: ({ body }) => ({ outcome: 'OK', body: { messageQueueAssignments: assigned(services, body) } }),
    setMessageRequestMode: async ({ body }) => {
      const { topic, consumerGroup, mode } = body
      if (topic.startsWith(RETRY_PREFIX)) {
        throw new ResponseFailure(ResponseCode.NO_PERMISSION, 'retry topic is not allowed to set mode')
      }
      if (mode !== 'PULL' && mode !== 'POP') {
        throw new ResponseFailure(ResponseCode.INVALID_PARAMETER, `the mode ${mode} is neither PULL nor POP`)
      }
      modes.put(body)
      await modes.flush()
      consumers.tell(consumerGroup)
      return { outcome: 'OK' }
    },
    getAllMessageRequestMode: () => ({ outcome: 'OK', body: { messageRequestModeMap: modes.all() } }),
  }
}

/** Throws MESSAGE_ILLEGAL and NO_MESSAGE for what cannot have been popped; a handle that is spent is none of these. */
function requirePopped({ topics, messages }: BrokerServices, request: PoppedRequest): PoppedId {
  const { consumerGroup: group, topic, queueId, extraInfo, offset: queueOffset } = request
  const { popTime, invisibleTime } = parsePopHandle(extraInfo)
  const { config } = requireTopic(topics, topic)
  if (queueId < 0 || queueId >= config.readQueueNums) {
    const remark = `queueId[${queueId}] is illegal, topic:[${topic}] topicConfig.readQueueNums:[${config.readQueueNums}]`
    throw new ResponseFailure(ResponseCode.MESSAGE_ILLEGAL, remark)
  }
  const { min, max } = messages.bounds(topic, queueId)
  if (queueOffset < min || queueOffset > max) {
    const remark = `offset is illegal, key:${topic}@${queueId}, commit:${queueOffset}, store:${min}~${max}`
    throw new ResponseFailure(ResponseCode.NO_MESSAGE, remark)
  }
  return { visibleAtMs: popTime + invisibleTime, group, topic, queueId, queueOffset }
}

/** What a handle is spent for comes again by its newer one only; Java would deliver it twice. */
async function changeInvisibleTime(
  services: BrokerServices,
  request: RequestOf<Operations['changeMessageInvisibleTime']>,
): Promise<{ outcome: 'OK'; popTime: number; invisibleTime: number; reviveQid: number }> {
  const { messages, popped, journal } = services
  const { invisibleTime } = request
  const id = requirePopped(services, request)
  const popTime = messages.now()
  const row = popped.get(id)
  if (row !== undefined) {
    const visibleAtMs = popTime + Math.max(0, invisibleTime)
    // The new row last: it is the same as the old one when nothing changes.
    await journal.write([popped.remove(id), popped.put({ ...row, visibleAtMs })])
    services.revive(visibleAtMs)
  }
  const { reviveQueueId } = parsePopHandle(request.extraInfo)
  return { outcome: 'OK', popTime, invisibleTime, reviveQid: reviveQueueId }
}

function batchIds(ack: RequestOf<Operations['batchAckMessage']>['body']['acks'][number]): readonly PoppedId[] {
  const topic = popRealTopic(ack.c, ack.t, ack.r)
  return ackPositions(ack.b).map((position) => ({
    visibleAtMs: ack.pt + ack.it,
    group: ack.c,
    topic,
    queueId: ack.q,
    queueOffset: ack.so + position,
  }))
}

/** `undefined` for a group that is not online and for a topic that does not exist, as Java answers. */
function assigned(
  { topics, consumers, modes, identity }: BrokerServices,
  request: RequestOf<Operations['queryAssignment']>['body'],
): ReturnType<typeof assignment> {
  const { topic, consumerGroup, clientId, strategyName, messageModel } = request
  const clientIds = consumers.clientIds(consumerGroup)
  const found = topics.get(topic)
  if (clientIds === undefined || found === undefined) return undefined
  return assignment({
    topic,
    brokerName: identity().brokerName,
    queues: found.config.readQueueNums,
    clientId,
    clientIds: [...clientIds].sort(),
    strategyName,
    broadcasting: messageModel === 'BROADCASTING',
    mode: topic.startsWith(RETRY_PREFIX) ? undefined : modes.get(topic, consumerGroup),
  })
}
