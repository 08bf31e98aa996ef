import { messageQueueShape } from '../message/message-queue.ts'
import { subscriptionDataShape } from '../message/tags.ts'
import {
  boolean,
  entriesOf,
  integer,
  list,
  mapOf,
  maybe,
  number,
  record,
  type Shape,
  type ShapeOf,
  string,
  withDefault,
} from '../shape.ts'

const count = withDefault(integer, 0)

/** One ProcessQueue as running info shows it; `droped` is spelt so on the wire. */
export const processQueueInfoShape = record({
  cachedMsgCount: count,
  cachedMsgMaxOffset: count,
  cachedMsgMinOffset: count,
  cachedMsgSizeInMiB: count,
  commitOffset: count,
  droped: withDefault(boolean, false),
  lastConsumeTimestamp: count,
  lastLockTimestamp: count,
  lastPullTimestamp: count,
  locked: withDefault(boolean, false),
  transactionMsgCount: count,
  transactionMsgMaxOffset: count,
  transactionMsgMinOffset: count,
  tryUnlockTimes: count,
})

const popProcessQueueInfoShape = record({
  droped: withDefault(boolean, false),
  lastPopTimestamp: count,
  waitAckCount: count,
})

export const consumeStatusShape = record({
  consumeFailedMsgs: count,
  consumeFailedTPS: withDefault(number, 0),
  consumeOKTPS: withDefault(number, 0),
  consumeRT: withDefault(number, 0),
  pullRT: withDefault(number, 0),
  pullTPS: withDefault(number, 0),
})

/** What a consumer answers to GET_CONSUMER_RUNNING_INFO (`ConsumerRunningInfo.java`). */
export const consumerRunningInfoShape = record({
  jstack: maybe(string),
  mqPopTable: withDefault(entriesOf(messageQueueShape, popProcessQueueInfoShape), []),
  mqTable: withDefault(entriesOf(messageQueueShape, processQueueInfoShape), []),
  properties: withDefault(mapOf(textOfAnything()), new Map()),
  statusTable: withDefault(mapOf(consumeStatusShape), new Map()),
  subscriptionSet: withDefault(list(subscriptionDataShape), []),
  userConsumerInfo: withDefault(mapOf(string), new Map()),
})

export type ProcessQueueInfo = ShapeOf<typeof processQueueInfoShape>
export type ConsumeStatus = ShapeOf<typeof consumeStatusShape>
export type ConsumerRunningInfo = ShapeOf<typeof consumerRunningInfoShape>

/** Java's `Properties` are text, but other clients have been seen to send numbers and booleans. */
function textOfAnything(): Shape<string> {
  return {
    read: (value) => (typeof value === 'object' && value !== null ? '' : String(value)),
    write: (value) => value,
  }
}
