import { subscriptionDataShape } from '../message/tags.ts'
import { boolean, integer, list, mapOf, maybe, number, record, type ShapeOf, string, withDefault } from '../shape.ts'

/** Names of topics (`TopicList.java`). */
export const topicListShape = record({ brokerAddr: maybe(string), topicList: withDefault(list(string), []) })

/** Names of groups (`GroupList.java`). */
export const groupListShape = record({ groupList: withDefault(list(string), []) })

/** A table of texts (`KVTable.java`). */
export const kvTableShape = record({ table: withDefault(mapOf(string), new Map()) })

const statsItemShape = record({
  /** Events each request counted, on average. */
  avgpt: withDefault(number, 0),
  sum: withDefault(integer, 0),
  /** Events per second. */
  tps: withDefault(number, 0),
})

/** How often something happened in the last minute, hour and day (`BrokerStatsData.java`). */
export const brokerStatsShape = record({
  statsDay: maybe(statsItemShape),
  statsHour: maybe(statsItemShape),
  statsMinute: maybe(statsItemShape),
})

/** Client ids of a group's members (`GetConsumerListByGroupResponseBody.java`). */
export const consumerIdListShape = record({ consumerIdList: withDefault(list(string), []) })

/** A subscription to be checked before it is used (`CheckClientRequestBody.java`). */
export const checkClientRequestShape = record({
  clientId: withDefault(string, ''),
  group: withDefault(string, ''),
  subscriptionData: subscriptionDataShape,
})

/** What a group that is online wants of a topic (`QuerySubscriptionResponseBody.java`). */
export const subscriptionOfGroupShape = record({
  group: string,
  topic: string,
  subscriptionData: maybe(subscriptionDataShape),
})

/** How a listener did when it was handed one message directly (`ConsumeMessageDirectlyResult.java`). */
export const consumeDirectlyResultShape = record({
  autoCommit: withDefault(boolean, true),
  consumeResult: string,
  order: withDefault(boolean, false),
  remark: maybe(string),
  spentTimeMills: withDefault(integer, 0),
})

export type ConsumeDirectlyResult = ShapeOf<typeof consumeDirectlyResultShape>
