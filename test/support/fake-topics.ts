import { type Operations, type RequestOf, ResponseCode, type TopicConfig } from '../../src/core/protocol/index.ts'
import type { FakeCluster } from './fake-cluster.ts'
import { type FakePeer, FakeRefusal } from './fake-network.ts'

/** A topic with Java's defaults. */
export function topicConfigOf(topicName: string, parts: Partial<TopicConfig> = {}): TopicConfig {
  const defaults = { attributes: new Map(), order: false, perm: 6, topicFilterType: 'SINGLE_TAG', topicSysFlag: 0 }
  return { ...defaults, topicName, readQueueNums: 8, writeQueueNums: 8, ...parts }
}

type CreateRequest = RequestOf<Operations['updateAndCreateTopic']>

/** How a fake broker keeps topics. */
export interface TopicBrokerOptions {
  /** It tells single topics too. @default true */
  readonly v5?: boolean
  /** Where it takes `order` from; else from the request. */
  readonly orderOf?: (topic: string) => boolean
}

/** A broker that keeps topics. */
export function topicBroker(
  cluster: FakeCluster,
  address: string,
  kept: readonly TopicConfig[],
  { v5 = true, orderOf }: TopicBrokerOptions = {},
): FakePeer {
  const topics = new Map(kept.map((config) => [config.topicName, config]))
  const peer = cluster
    .broker(address)
    .on('getAllTopicConfig', () => ({ outcome: 'OK', body: tableOf(topics) }))
    .on('updateAndCreateTopic', (request: CreateRequest) => {
      const { topic, readQueueNums, writeQueueNums, perm, order = false } = request
      const settings = { readQueueNums, writeQueueNums, perm, order: orderOf?.(topic) ?? order }
      topics.set(topic, topicConfigOf(topic, settings))
      return { outcome: 'OK' }
    })
  if (!v5) return peer
  peer.version = 513
  return peer.on('getTopicConfig', ({ topic }) => {
    const body = topics.get(topic)
    return body === undefined ? new FakeRefusal(ResponseCode.TOPIC_NOT_EXIST) : { outcome: 'OK', body }
  })
}

function tableOf(topics: ReadonlyMap<string, TopicConfig>): {
  dataVersion: undefined
  mappingDataVersion: undefined
  topicConfigTable: ReadonlyMap<string, TopicConfig>
  topicQueueMappingDetailMap: ReadonlyMap<string, string>
  topicQueueMappingInfoMap: ReadonlyMap<string, string>
} {
  return {
    dataVersion: undefined,
    mappingDataVersion: undefined,
    topicConfigTable: topics,
    topicQueueMappingDetailMap: new Map(),
    topicQueueMappingInfoMap: new Map(),
  }
}

/** Clusters by name, with their brokers at `NAME:1`; one written `name-` has no master. */
export function tellClusters(
  nameServer: FakePeer,
  clusters: Readonly<Record<string, readonly string[]>>,
  topics: string[] = [],
): void {
  const names = Object.values(clusters).flat()
  const addresses = (name: string): [number, string][] => [[name.endsWith('-') ? 1 : 0, `${name}:1`]]
  nameServer
    .on('getBrokerClusterInfo', () => ({
      outcome: 'OK',
      body: {
        clusterAddrTable: new Map(Object.entries(clusters)),
        brokerAddrTable: new Map(
          names.map((brokerName) => [
            brokerName,
            { brokerName, cluster: 'c', brokerAddrs: new Map(addresses(brokerName)) },
          ]),
        ),
      },
    }))
    .on('getAllTopicListFromNameServer', () => ({ outcome: 'OK', body: { brokerAddr: undefined, topicList: topics } }))
}
