import {
  BROKER_VERSION,
  CommandFlag,
  command,
  type MessageQueue,
  noBody,
  type Operations,
  operations,
  type RequestOf,
  ResponseCode,
  writeHeader,
} from '../../protocol/index.ts'
import type { BrokerServices } from '../broker-services.ts'
import { type Handlers, ResponseFailure } from '../reply.ts'
import { searchByTime } from '../store/time-search.ts'
import { requireTopic } from '../topic-rules.ts'

type Services = Pick<BrokerServices, 'topics' | 'messages' | 'offsets' | 'consumers' | 'identity'>
type ResetRequest = RequestOf<Operations['invokeBrokerToResetOffset']>
type Targets = readonly (readonly [MessageQueue, number])[]

/**
 * Resetting a group's offsets by its members (`Broker2Client#resetOffset`), as brokers before 5.2 do: all of them are told
 * (220) where to go on, nobody answers, and nothing is stored here. A queue and an offset in the request are not looked at.
 */
export function memberResetHandlers(services: Services): Handlers {
  return {
    invokeBrokerToResetOffset: (request) => {
      const offsetTable = targets(services, request)
      tellMembers(services, request, offsetTable)
      return { outcome: 'OK', body: { offsetTable } }
    },
  }
}

/** Every queue must have a committed offset; without force none is moved forward. */
function targets(services: Services, { topic, group, timestamp, isForce }: ResetRequest): Targets {
  const { config } = requireTopic(services.topics, topic)
  const { brokerName } = services.identity()
  return Array.from({ length: config.writeQueueNums }, (_, queueId) => {
    const committed = services.offsets.get(group, topic, queueId)
    if (committed === undefined) {
      throw new ResponseFailure(ResponseCode.SYSTEM_ERROR, `THe consumer group <${group}> not exist`)
    }
    const found =
      timestamp === -1
        ? services.messages.bounds(topic, queueId).max
        : searchByTime(services.messages, { topic, queueId }, timestamp, 'LOWER')
    return [{ brokerName, queueId, topic }, isForce ? found : Math.min(found, committed.offset)]
  })
}

function tellMembers({ consumers }: Services, { topic, group, timestamp }: ResetRequest, offsetTable: Targets): void {
  const members = [...(consumers.get(group)?.members.values() ?? [])]
  if (members.length === 0) {
    const remark = `Consumer not online, so can not reset offset, Group: ${group} Topic: ${topic} Timestamp: ${timestamp}`
    throw new ResponseFailure(ResponseCode.CONSUMER_NOT_ONLINE, remark)
  }
  const { code, request, requestBody } = operations.resetConsumerClientOffset
  const extFields = writeHeader(request, { topic, group, timestamp, isForce: false })
  const body = requestBody?.write({ offsetTable }) ?? noBody
  for (const { channel } of members) {
    const opaque = channel.nextOpaque()
    channel.send(command({ code, opaque, extFields, body, flag: CommandFlag.ONEWAY, version: BROKER_VERSION }))
  }
}
