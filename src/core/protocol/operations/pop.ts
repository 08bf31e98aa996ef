import {
  batchAckMessageShape,
  messageRequestModeShape,
  messageRequestModeTableShape,
  queryAssignmentRequestShape,
  queryAssignmentResponseShape,
} from '../bodies/pop.ts'
import { bool, int, long, optional, text } from '../fields.ts'
import { operation } from '../operation.ts'
import { json, raw } from '../shape.ts'

const popped = { consumerGroup: text, topic: text, queueId: int, extraInfo: text, offset: long, bname: optional(text) }

/** POP: the broker keeps who has which message. Since 5.0; codes above 32767 need the JSON header. */
export const popOperations = {
  queryAssignment: operation({
    code: 400,
    to: 'broker',
    requestBody: json(queryAssignmentRequestShape),
    responseBody: json(queryAssignmentResponseShape),
  }),
  setMessageRequestMode: operation({ code: 401, to: 'broker', requestBody: json(messageRequestModeShape) }),
  getAllMessageRequestMode: operation({ code: 402, to: 'broker', responseBody: json(messageRequestModeTableShape) }),
  /** `queueId` -1: any queue of the broker. `bornTime` 0: now, by the broker's clock; a client's clock may be wrong. */
  popMessage: operation({
    code: 200050,
    to: 'broker',
    request: {
      consumerGroup: text,
      topic: text,
      queueId: int,
      maxMsgNums: int,
      invisibleTime: long,
      pollTime: long,
      bornTime: long,
      initMode: int,
      expType: optional(text),
      exp: optional(text),
      order: optional(bool),
      attemptId: optional(text),
      bname: optional(text),
    },
    response: {
      popTime: long,
      invisibleTime: long,
      reviveQid: int,
      restNum: long,
      startOffsetInfo: optional(text),
      msgOffsetInfo: optional(text),
      orderCountInfo: optional(text),
    },
    responseBody: raw,
    outcomes: { FOUND: 0, NOT_FOUND: 19, POLLING_FULL: 209, POLLING_TIMEOUT: 210 },
  }),
  /** Acknowledging twice is no error. */
  ackMessage: operation({ code: 200051, to: 'broker', request: popped }),
  /** Since 5.1.3. */
  batchAckMessage: operation({ code: 200151, to: 'broker', requestBody: json(batchAckMessageShape) }),
  /** The handle used is spent afterwards: brokers take it once more, and then deliver the message twice. */
  changeMessageInvisibleTime: operation({
    code: 200053,
    to: 'broker',
    request: { ...popped, invisibleTime: long },
    response: { popTime: long, invisibleTime: long, reviveQid: int },
  }),
}
