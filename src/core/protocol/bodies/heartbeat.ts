import { subscriptionDataShape } from '../message/tags.ts'
import { boolean, integer, list, record, type ShapeOf, string, withDefault } from '../shape.ts'

export const consumerDataShape = record({
  consumeFromWhere: withDefault(string, 'CONSUME_FROM_LAST_OFFSET'),
  consumeType: withDefault(string, 'CONSUME_PASSIVELY'),
  groupName: string,
  messageModel: withDefault(string, 'CLUSTERING'),
  subscriptionDataSet: withDefault(list(subscriptionDataShape), []),
  unitMode: withDefault(boolean, false),
})

/** What a client tells every broker about itself (`HeartbeatData.java`). */
export const heartbeatShape = record({
  clientID: string,
  consumerDataSet: withDefault(list(consumerDataShape), []),
  heartbeatFingerprint: withDefault(integer, 0),
  producerDataSet: withDefault(list(record({ groupName: string })), []),
  withoutSub: withDefault(boolean, false),
})

export type ConsumerData = ShapeOf<typeof consumerDataShape>
export type HeartbeatData = ShapeOf<typeof heartbeatShape>
