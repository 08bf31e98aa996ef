import { consumeDirectlyResultShape } from '../bodies/misc.ts'
import { consumerStatusShape } from '../bodies/offsets.ts'
import { resetOffsetBodyShape } from '../bodies/reset-offset.ts'
import { consumerRunningInfoShape } from '../bodies/running-info.ts'
import { bool, int, int64, long, optional, text } from '../fields.ts'
import { operation } from '../operation.ts'
import { json, maybeJson, raw } from '../shape.ts'

/** What brokers send to clients, over the client's own connection. */
export const pushOperations = {
  checkTransactionState: operation({
    code: 39,
    to: 'client',
    oneway: true,
    request: {
      topic: optional(text),
      tranStateTableOffset: long,
      commitLogOffset: int64,
      msgId: optional(text),
      transactionId: optional(text),
      offsetMsgId: optional(text),
    },
    requestBody: raw,
  }),
  notifyConsumerIdsChanged: operation({ code: 40, to: 'client', oneway: true, request: { consumerGroup: text } }),
  resetConsumerClientOffset: operation({
    code: 220,
    to: 'client',
    oneway: true,
    request: {
      topic: text,
      group: text,
      timestamp: long,
      isForce: optional(bool),
      queueId: optional(int),
      offset: optional(long),
    },
    requestBody: maybeJson(resetOffsetBodyShape),
  }),
  getConsumerStatusFromClient: operation({
    code: 221,
    to: 'client',
    request: { topic: text, group: text, clientAddr: optional(text) },
    responseBody: json(consumerStatusShape),
  }),
  getRunningInfoFromClient: operation({
    code: 307,
    to: 'client',
    request: { consumerGroup: text, clientId: optional(text), jstackEnable: optional(bool) },
    responseBody: json(consumerRunningInfoShape),
  }),
  consumeDirectlyOnClient: operation({
    code: 309,
    to: 'client',
    request: {
      consumerGroup: text,
      clientId: optional(text),
      msgId: optional(text),
      brokerName: optional(text),
      topic: optional(text),
    },
    requestBody: raw,
    responseBody: json(consumeDirectlyResultShape),
  }),
}
