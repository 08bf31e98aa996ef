import { ResponseCode } from '../../protocol/index.ts'
import type { BrokerServices } from '../broker-services.ts'
import { type Handlers, ResponseFailure } from '../reply.ts'
import { isOwnTopic, requireTopicName } from '../topic-rules.ts'

type Services = Pick<BrokerServices, 'topics' | 'identity'>

/** Topics of this broker (`AdminBrokerProcessor#updateAndCreateTopic` …). */
export function topicHandlers(services: Services): Handlers {
  const { topics } = services
  return {
    updateAndCreateTopic: async (request) => {
      requireOwnChoice(services, request.topic)
      topics.put({
        attributes: new Map(),
        order: request.order ?? false,
        perm: request.perm,
        readQueueNums: request.readQueueNums,
        writeQueueNums: request.writeQueueNums,
        topicFilterType: request.topicFilterType ?? 'SINGLE_TAG',
        topicName: request.topic,
        topicSysFlag: request.topicSysFlag ?? 0,
      })
      await topics.flush()
      return { outcome: 'OK' }
    },
  }
}

/** Throws INVALID_PARAMETER for a name that is illegal or the broker's own. */
function requireOwnChoice({ identity }: Services, topic: string): void {
  requireTopicName(topic)
  const { clusterName, brokerName } = identity()
  if (!isOwnTopic(topic, clusterName, brokerName)) return
  throw new ResponseFailure(ResponseCode.INVALID_PARAMETER, `The topic[${topic}] is conflict with system topic.`)
}
