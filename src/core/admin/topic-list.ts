import type { ClientInstance } from '../client/index.ts'
import { BrokerResponseError, RocketMQError } from '../errors.ts'
import { compareText, DLQ_PREFIX, isSystemTopic, RETRY_PREFIX } from '../protocol/index.ts'
import type { InvokeOptions } from '../remoting/index.ts'
import { type Brokers, findBrokers, type Master } from './cluster-masters.ts'
import { type TopicSettings, topicSettings } from './topic-plan.ts'

/** What a topic is for. */
export type TopicKind = 'normal' | 'retry' | 'dlq' | 'system'

/** A topic on one broker. */
export interface TopicOnBroker extends TopicSettings {
  readonly brokerName: string
  readonly cluster: string
}

/** A topic of a cluster. */
export interface ListedTopic {
  readonly topic: string
  readonly kind: TopicKind
  /** Empty when only the name server knows it, e.g. because its broker does not answer. */
  readonly brokers: readonly TopicOnBroker[]
}

/** All topics, and who did not answer. */
export interface TopicListing {
  /** Sorted by name. */
  readonly topics: readonly ListedTopic[]
  readonly errors: readonly { readonly source: string; readonly error: RocketMQError }[]
}

/**
 * Asks the name server for names (206) and brokers (106), and every master for its topics (21). Rejects when no name
 * server answers, and when nobody else does.
 */
export async function listTopics(client: ClientInstance, wait: InvokeOptions): Promise<TopicListing> {
  const [brokers, names] = await Promise.all([findBrokers(client, wait), namesKnown(client, wait)])
  const found = new Map<string, TopicOnBroker[]>(names.map((name) => [name, []]))
  const errors: { source: string; error: RocketMQError }[] = brokers.withoutMaster.map((brokerName) => ({
    source: brokerName,
    error: new RocketMQError('UNREACHABLE', `broker ${brokerName} has no master`),
  }))
  const tables = brokers.masters.map(async (master) => {
    try {
      for (const [topic, onBroker] of await topicsOf(client, master, wait)) {
        const list = found.get(topic) ?? []
        list.push(onBroker)
        found.set(topic, list)
      }
    } catch (error) {
      if (!(error instanceof RocketMQError)) throw error
      errors.push({ source: `${master.brokerName} (${master.address})`, error })
    }
  })
  await Promise.all(tables)
  const [first] = errors
  // Nothing known is no list of no topics.
  if (found.size === 0 && first) throw first.error
  const topics = [...found].map(([topic, on]) => ({
    topic,
    kind: kindOf(topic, brokers),
    brokers: on.sort((a, b) => compareText(a.brokerName, b.brokerName)),
  }))
  return { topics: topics.sort((a, b) => compareText(a.topic, b.topic)), errors }
}

/**
 * A name server may be told not to answer this (`enableAllTopicList=false`): the brokers then know all that have a
 * broker.
 */
async function namesKnown(client: ClientInstance, wait: InvokeOptions): Promise<readonly string[]> {
  try {
    return (await client.nameServer.invoke('getAllTopicListFromNameServer', {}, wait)).body.topicList
  } catch (error) {
    if (!(error instanceof BrokerResponseError)) throw error
    client.logger.debug(`the name server does not list topics: ${error.message}`)
    return []
  }
}

async function topicsOf(
  client: ClientInstance,
  master: Master,
  wait: InvokeOptions,
): Promise<readonly (readonly [topic: string, onBroker: TopicOnBroker])[]> {
  const { body } = await client.remoting.invoke(master.address, 'getAllTopicConfig', {}, wait)
  const { brokerName, cluster } = master
  return [...body.topicConfigTable].map(([topic, config]) => [topic, { brokerName, cluster, ...topicSettings(config) }])
}

function kindOf(topic: string, { clusters, masters, withoutMaster }: Brokers): TopicKind {
  if (topic.startsWith(RETRY_PREFIX)) return 'retry'
  if (topic.startsWith(DLQ_PREFIX)) return 'dlq'
  const ofBroker = masters.some(({ brokerName }) => brokerName === topic) || withoutMaster.includes(topic)
  const ofCluster = clusters.some((cluster) => topic === cluster || topic === `${cluster}_REPLY_TOPIC`)
  return ofBroker || ofCluster || isSystemTopic(topic) ? 'system' : 'normal'
}
