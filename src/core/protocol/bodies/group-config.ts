import { anything, boolean, integer, mapOf, maybe, record, type ShapeOf, string, withDefault } from '../shape.ts'
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
  /** How long a message waits before each further attempt; since 5.0. */
  groupRetryPolicy: maybe(anything),
  groupSysFlag: withDefault(integer, 0),
  notifyConsumerIdsChangedEnable: withDefault(boolean, true),
  retryMaxTimes: withDefault(integer, 16),
  retryQueueNums: withDefault(integer, 1),
  /** Topics the group may subscribe; since 5.0. */
  subscriptionDataSet: maybe(anything),
  whichBrokerWhenConsumeSlowly: withDefault(integer, 1),
})

/** All groups of a broker (`SubscriptionGroupWrapper.java`). */
export const groupConfigTableShape = record({
  dataVersion: maybe(dataVersionShape),
  forbiddenTable: withDefault(mapOf(mapOf(integer)), new Map()),
  subscriptionGroupTable: withDefault(mapOf(groupConfigShape), new Map()),
})

/** Whether a group may read a topic (`GroupForbidden.java`). */
export const groupForbiddenShape = record({ group: string, topic: string, readable: boolean })

export type GroupConfig = ShapeOf<typeof groupConfigShape>
