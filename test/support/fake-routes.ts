import type { TopicRouteData } from '../../src/core/protocol/bodies/topic-route.ts'

/** One broker of a fake route: its addresses by id, and its queues. */
export interface FakeBroker {
  readonly name: string
  readonly addresses: Readonly<Record<number, string>>
  readonly read?: number
  readonly write?: number
  readonly perm?: number
}

/** A route as a name server tells it. @default 4 queues that can be read and written */
export function routeOf(brokers: readonly FakeBroker[], orderTopicConf?: string): TopicRouteData {
  return {
    filterServerTable: new Map(),
    orderTopicConf,
    brokerDatas: brokers.map(({ name, addresses }) => ({
      cluster: 'c',
      brokerName: name,
      brokerAddrs: new Map(Object.entries(addresses).map(([id, address]) => [Number(id), address])),
    })),
    queueDatas: brokers.map(({ name, read = 4, write = 4, perm = 6 }) => ({
      brokerName: name,
      perm,
      readQueueNums: read,
      writeQueueNums: write,
      topicSysFlag: 0,
    })),
  }
}
