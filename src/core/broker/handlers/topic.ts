import { type Operations, type RequestOf, ResponseCode, type TopicConfig } from '../../protocol/index.ts'
import type { BrokerServices } from '../broker-services.ts'
import { type Handlers, ResponseFailure } from '../reply.ts'
import { changeAttributes } from '../topic-attributes.ts'
import { isOwnTopic, requireTopic, requireTopicName } from '../topic-rules.ts'

type Services = Pick<BrokerServices, 'topics' | 'identity' | 'offsets' | 'polling' | 'cleaner'>

/** Topics of this broker (`AdminBrokerProcessor#updateAndCreateTopic` …). */
export function topicHandlers(services: Services): Handlers {
  const { topics, identity } = services
  const isOwn = (topic: string): boolean => isOwnTopic(topic, identity().clusterName, identity().brokerName)
  const requireUsers = (topic: string): void => {
    requireTopicName(topic)
    if (!isOwn(topic)) return
    throw new ResponseFailure(ResponseCode.INVALID_PARAMETER, `The topic[${topic}] is conflict with system topic.`)
  }
  return {
    updateAndCreateTopic: async (request) => {
      requireUsers(request.topic)
      topics.put(requestedConfig(request, topics.get(request.topic)?.config))
      await topics.flush()
      return { outcome: 'OK' }
    },
    deleteTopicInBroker: async ({ topic }) => {
      requireUsers(topic)
      await deleteTopic(services, topic)
      return { outcome: 'OK' }
    },
    getAllTopicConfig: () => ({
      outcome: 'OK',
      // Since 5.3.4 the answer may be a page of a whole; this is always the whole.
      extFields: new Map([['totalTopicNum', String(topics.all().size)]]),
      body: {
        dataVersion: topics.dataVersion,
        mappingDataVersion: { counter: 0, stateVersion: 0, timestamp: 0 },
        topicConfigTable: new Map([...topics.all()].map(([name, { config }]) => [name, config])),
        topicQueueMappingDetailMap: new Map(),
        topicQueueMappingInfoMap: new Map(),
      },
    }),
    getTopicConfig: ({ topic }) => ({ outcome: 'OK', body: requireTopic(topics, topic).config }),
    getSystemTopicListFromBroker: () => ({
      outcome: 'OK',
      body: { brokerAddr: undefined, topicList: [...topics.all().keys()].filter(isOwn) },
    }),
  }
}

/** A new topic with the same name begins at offset 0 and knows nothing of the old one. */
async function deleteTopic({ topics, offsets, polling, cleaner }: Services, name: string): Promise<void> {
  const deleted = topics.delete(name)
  if (deleted === undefined) return
  offsets.deleteTopic(name)
  for (let queueId = 0; queueId < deleted.config.readQueueNums; queueId++) polling.wake(name, queueId)
  cleaner.removeTopic(deleted.id)
  await topics.flush()
}

const MAX_QUEUES = 0xffff

function requestedConfig(
  request: RequestOf<Operations['updateAndCreateTopic']>,
  known: TopicConfig | undefined,
): TopicConfig {
  const { topic, readQueueNums, writeQueueNums } = request
  if (Math.min(readQueueNums, writeQueueNums) < 1 || Math.max(readQueueNums, writeQueueNums) > MAX_QUEUES) {
    const remark = `the topic[${topic}] cannot have ${readQueueNums} read and ${writeQueueNums} write queues; 1 to ${MAX_QUEUES} are allowed`
    throw new ResponseFailure(ResponseCode.INVALID_PARAMETER, remark)
  }
  return {
    attributes: changeAttributes(known?.attributes ?? new Map<string, string>(), request.attributes ?? ''),
    order: request.order ?? false,
    perm: request.perm,
    readQueueNums,
    writeQueueNums,
    topicFilterType: request.topicFilterType ?? 'SINGLE_TAG',
    topicName: topic,
    topicSysFlag: request.topicSysFlag ?? 0,
  }
}
