import {
  allConsumerOffsetsShape,
  consumerStatusShape,
  consumeStatsShape,
  consumeTimeSpanShape,
  topicStatsTableShape,
} from '../bodies/offsets.ts'
import { resetOffsetBodyShape } from '../bodies/reset-offset.ts'
import { bool, int, long, oneOf, optional, text } from '../fields.ts'
import { operation } from '../operation.ts'
import { json } from '../shape.ts'

const queue = { topic: text, queueId: int, bname: optional(text) }

/** Committed offsets and the bounds of queues. */
export const offsetOperations = {
  /** A 4.9 broker ignores `setZeroIfNotFound` and answers 0 for any queue whose min is 0. */
  queryConsumerOffset: operation({
    code: 14,
    to: 'broker',
    request: { consumerGroup: text, ...queue, setZeroIfNotFound: optional(bool) },
    response: { offset: long },
    outcomes: { FOUND: 0, NOT_FOUND: 22 },
  }),
  /** Sent oneway by Java consumers, synchronously by admin tools. Swallowed while a server-side reset is pending. */
  updateConsumerOffset: operation({
    code: 15,
    to: 'broker',
    request: { consumerGroup: text, ...queue, commitOffset: long },
  }),
  /** The first message stored at or after the time; a 4.9 broker answers the nearest on either side. */
  searchOffsetByTimestamp: operation({
    code: 29,
    to: 'broker',
    request: { ...queue, timestamp: long, boundaryType: optional(oneOf('LOWER', 'UPPER')) },
    response: { offset: long },
  }),
  getMaxOffset: operation({
    code: 30,
    to: 'broker',
    request: { ...queue, committed: optional(bool) },
    response: { offset: long },
  }),
  getMinOffset: operation({ code: 31, to: 'broker', request: queue, response: { offset: long } }),
  getEarliestMsgStoreTime: operation({ code: 32, to: 'broker', request: queue, response: { timestamp: long } }),
  /** What every group has committed, as it is: the only truth of a 4.9 broker about queues nobody has committed in. */
  getAllConsumerOffset: operation({ code: 43, to: 'broker', responseBody: json(allConsumerOffsetsShape) }),
  getTopicStatsInfo: operation({
    code: 202,
    to: 'broker',
    request: { topic: text },
    responseBody: json(topicStatsTableShape),
  }),
  getConsumeStats: operation({
    code: 208,
    to: 'broker',
    request: { consumerGroup: text, topic: optional(text) },
    responseBody: json(consumeStatsShape),
  }),
  queryConsumeTimeSpan: operation({
    code: 303,
    to: 'broker',
    request: { topic: text, group: text },
    responseBody: json(consumeTimeSpanShape),
  }),
  invokeBrokerToResetOffset: operation({
    code: 222,
    to: 'broker',
    request: {
      topic: text,
      group: text,
      timestamp: long,
      isForce: bool,
      queueId: optional(int),
      offset: optional(long),
    },
    responseBody: json(resetOffsetBodyShape),
  }),
  invokeBrokerToGetConsumerStatus: operation({
    code: 223,
    to: 'broker',
    request: { topic: text, group: text, clientAddr: optional(text) },
    responseBody: json(consumerStatusShape),
  }),
}
