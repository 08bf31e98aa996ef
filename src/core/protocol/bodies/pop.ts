import { messageQueueShape } from '../message/message-queue.ts'
import { integer, list, mapOf, maybe, record, type ShapeOf, string, withDefault } from '../shape.ts'

/** A member that asks which queues of a topic are its own, and how to consume them (`QueryAssignmentRequestBody.java`). */
export const queryAssignmentRequestShape = record({
  clientId: withDefault(string, ''),
  consumerGroup: withDefault(string, ''),
  messageModel: withDefault(string, 'CLUSTERING'),
  strategyName: withDefault(string, 'AVG'),
  topic: withDefault(string, ''),
})

const messageQueueAssignmentShape = record({ messageQueue: messageQueueShape, mode: withDefault(string, 'PULL') })

/** The queues, -1 standing for any of a broker; absent when the broker cannot say (`QueryAssignmentResponseBody.java`). */
export const queryAssignmentResponseShape = record({
  messageQueueAssignments: maybe(list(messageQueueAssignmentShape)),
})

/** How a group consumes a topic: PULL or POP (`SetMessageRequestModeRequestBody.java`). */
export const messageRequestModeShape = record({
  consumerGroup: string,
  mode: withDefault(string, 'PULL'),
  popShareQueueNum: withDefault(integer, 0),
  topic: string,
})

/** The modes that were set, by topic and group (`MessageRequestModeManager.java`). */
export const messageRequestModeTableShape = record({
  messageRequestModeMap: withDefault(mapOf(mapOf(messageRequestModeShape)), new Map()),
})

/** Popped messages of one POP to be acknowledged together; the names are the wire's (`BatchAck.java`). */
export const batchAckShape = record({
  b: string,
  c: string,
  it: integer,
  pt: integer,
  q: integer,
  r: string,
  rq: integer,
  so: integer,
  t: string,
})

/** What BATCH_ACK_MESSAGE carries (`BatchAckMessageRequestBody.java`). */
export const batchAckMessageShape = record({
  acks: withDefault(list(batchAckShape), []),
  brokerName: withDefault(string, ''),
})

export type MessageRequestMode = ShapeOf<typeof messageRequestModeShape>
export type MessageQueueAssignment = ShapeOf<typeof messageQueueAssignmentShape>
export type BatchAck = ShapeOf<typeof batchAckShape>
