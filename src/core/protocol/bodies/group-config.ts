import { boolean, integer, mapOf, maybe, record, type ShapeOf, string, withDefault } from '../shape.ts'
import { dataVersionShape } from './topic-config.ts'

/** A consumer group on one broker (`SubscriptionGroupConfig.java`); defaults are Java's. */
export const groupConfigShape = record({
  attributes: withDefault(mapOf(string), new Map()),
  brokerId: withDefault(integer, 0),
  consumeBroadcastEnable: withDefault(boolean, true),
  consumeEnable: withDefault(boolean, true),
  consumeFromMinEnable: withDefault(boolean, true),
  consumeMessageOrderly: withDefault(boolean, false),
  consumeTimeoutMinute: withDefault(integer, 15),
  groupName: string,
  groupSysFlag: withDefault(integer, 0),
  notifyConsumerIdsChangedEnable: withDefault(boolean, true),
  retryMaxTimes: withDefault(integer, 16),
  retryQueueNums: withDefault(integer, 1),
  whichBrokerWhenConsumeSlowly: withDefault(integer, 1),
})

/** All groups of a broker (`SubscriptionGroupWrapper.java`). */
export const groupConfigTableShape = record({
  dataVersion: maybe(dataVersionShape),
  forbiddenTable: withDefault(mapOf(mapOf(integer)), new Map()),
  subscriptionGroupTable: withDefault(mapOf(groupConfigShape), new Map()),
})

export type GroupConfig = ShapeOf<typeof groupConfigShape>
