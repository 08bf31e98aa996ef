import { ResponseCode, type TopicConfig } from '../../protocol/index.ts'
import type { BrokerIdentity } from '../broker-identity.ts'
import type { BrokerServices } from '../broker-services.ts'
import { type Handlers, ResponseFailure } from '../reply.ts'

type Services = Pick<BrokerServices, 'topics' | 'identity'>

/** What a name server says about this one broker, straight from its topics, so that no route is ever stale. */
export function routeHandlers({ topics, identity }: Services): Handlers {
  const names = (): string[] => [...topics.all().keys()]
  return {
    getRouteInfoByTopic: ({ topic }) => {
      const found = topics.get(topic)
      if (found === undefined) {
        throw new ResponseFailure(
          ResponseCode.TOPIC_NOT_EXIST,
          `No topic route info in name server for the topic: ${topic}\nSee https://rocketmq.apache.org/docs/bestPractice/06FAQ for further details.`,
        )
      }
      return {
        outcome: 'OK',
        body: {
          brokerDatas: [brokerData(identity())],
          filterServerTable: new Map(),
          orderTopicConf: undefined,
          queueDatas: [queueData(identity(), found.config)],
        },
      }
    },
    getBrokerClusterInfo: () => {
      const broker = brokerData(identity())
      return {
        outcome: 'OK',
        body: {
          brokerAddrTable: new Map([[broker.brokerName, broker]]),
          clusterAddrTable: new Map([[broker.cluster, [broker.brokerName]]]),
        },
      }
    },
    getAllTopicListFromNameServer: () => ({ outcome: 'OK', body: { brokerAddr: undefined, topicList: names() } }),
    getTopicsByCluster: ({ cluster }) => ({
      outcome: 'OK',
      body: { brokerAddr: undefined, topicList: cluster === identity().clusterName ? names() : [] },
    }),
    getSystemTopicListFromNameServer: () => {
      const { clusterName, brokerName, address } = identity()
      return { outcome: 'OK', body: { brokerAddr: address, topicList: [clusterName, brokerName] } }
    },
    // The route of a topic lives as long as the topic: there is nothing to forget here.
    deleteTopicInNameServer: () => ({ outcome: 'OK' }),
  }
}

interface BrokerData {
  readonly brokerAddrs: ReadonlyMap<number, string>
  readonly brokerName: string
  readonly cluster: string
}

function brokerData(identity: BrokerIdentity): BrokerData {
  return {
    brokerAddrs: new Map([[identity.brokerId, identity.address]]),
    brokerName: identity.brokerName,
    cluster: identity.clusterName,
  }
}

function queueData(
  identity: BrokerIdentity,
  config: TopicConfig,
): {
  readonly brokerName: string
  readonly perm: number
  readonly readQueueNums: number
  readonly topicSysFlag: number
  readonly writeQueueNums: number
} {
  const { perm, readQueueNums, topicSysFlag, writeQueueNums } = config
  return { brokerName: identity.brokerName, perm, readQueueNums, topicSysFlag, writeQueueNums }
}
