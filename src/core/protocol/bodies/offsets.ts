import { messageQueueShape } from '../message/message-queue.ts'
import { entriesOf, integer, list, mapOf, mapOfIntegers, number, record, type ShapeOf, withDefault } from '../shape.ts'

const topicOffsetShape = record({ lastUpdateTimestamp: integer, maxOffset: integer, minOffset: integer })

/** Bounds of every queue of a topic on one broker (`TopicStatsTable.java`). */
export const topicStatsTableShape = record({
  offsetTable: withDefault(entriesOf(messageQueueShape, topicOffsetShape), []),
  topicPutTps: withDefault(number, 0),
})

const offsetWrapperShape = record({
  brokerOffset: integer,
  consumerOffset: integer,
  lastTimestamp: withDefault(integer, 0),
  pullOffset: withDefault(integer, 0),
})

/** Progress of a group on one broker (`ConsumeStats.java`). */
export const consumeStatsShape = record({
  consumeTps: withDefault(number, 0),
  offsetTable: withDefault(entriesOf(messageQueueShape, offsetWrapperShape), []),
})

/** Answer to GET_CONSUMER_STATUS_FROM_CLIENT and its relay (`GetConsumerStatusBody.java`). */
export const consumerStatusShape = record({
  consumerTable: withDefault(mapOf(entriesOf(messageQueueShape, integer)), new Map()),
  messageQueueTable: withDefault(entriesOf(messageQueueShape, integer), []),
})

const queueTimeSpanShape = record({
  /** Of the message before the committed offset. */
  consumeTimeStamp: withDefault(integer, 0),
  /** How long the first message that is not committed has been stored. */
  delayTime: withDefault(integer, 0),
  maxTimeStamp: withDefault(integer, 0),
  messageQueue: messageQueueShape,
  minTimeStamp: withDefault(integer, 0),
})

/** Store times around a group's committed offsets in a topic (`QueryConsumeTimeSpanBody.java`). */
export const consumeTimeSpanShape = record({ consumeTimeSpanSet: withDefault(list(queueTimeSpanShape), []) })

/** What all groups have committed on a broker: `topic@group` → queue → offset (`ConsumerOffsetSerializeWrapper.java`). */
export const allConsumerOffsetsShape = record({
  offsetTable: withDefault(mapOf(mapOfIntegers(integer)), new Map()),
})

export type TopicStatsTable = ShapeOf<typeof topicStatsTableShape>
export type ConsumeStats = ShapeOf<typeof consumeStatsShape>
export type ConsumerStatus = ShapeOf<typeof consumerStatusShape>
