import { messageQueueShape } from '../message/message-queue.ts'
import { boolean, list, record, type ShapeOf, string, withDefault } from '../shape.ts'

/** Queues a member of an orderly group wants to lock or unlock (`LockBatchRequestBody.java`, `Unlock…`). */
export const lockBatchRequestShape = record({
  clientId: withDefault(string, ''),
  consumerGroup: withDefault(string, ''),
  mqSet: withDefault(list(messageQueueShape), []),
  onlyThisBroker: withDefault(boolean, false),
})

/** The queues that were granted (`LockBatchResponseBody.java`). */
export const lockBatchResponseShape = record({ lockOKMQSet: withDefault(list(messageQueueShape), []) })

export type LockBatchRequest = ShapeOf<typeof lockBatchRequestShape>
