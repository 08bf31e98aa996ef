import { integer, list, mapOf, mapOfIntegers, maybe, record, type ShapeOf, string, withDefault } from '../shape.ts'

const queueDataShape = record({
  brokerName: string,
  perm: integer,
  readQueueNums: integer,
  topicSysFlag: withDefault(integer, 0),
  writeQueueNums: integer,
})

export const brokerDataShape = record({
  /** Address by broker id; 0 is the master. */
  brokerAddrs: mapOfIntegers(string),
  brokerName: string,
  cluster: withDefault(string, ''),
})

/** Where the queues of a topic are (`TopicRouteData.java`). */
export const topicRouteDataShape = record({
  brokerDatas: withDefault(list(brokerDataShape), []),
  /** Of brokers before 4.9 that filtered in processes of their own; Java's clients and mqadmin still expect it. */
  filterServerTable: withDefault(mapOf(list(string)), new Map()),
  orderTopicConf: maybe(string),
  queueDatas: withDefault(list(queueDataShape), []),
})

export type QueueData = ShapeOf<typeof queueDataShape>
export type BrokerData = ShapeOf<typeof brokerDataShape>
export type TopicRouteData = ShapeOf<typeof topicRouteDataShape>
