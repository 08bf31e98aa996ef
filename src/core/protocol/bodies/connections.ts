import { subscriptionDataShape } from '../message/tags.ts'
import { integer, list, mapOf, maybe, record, type ShapeOf, string, withDefault } from '../shape.ts'

const connectionShape = record({
  clientAddr: string,
  clientId: string,
  language: maybe(string),
  version: integer,
})

/** The members of a group (`ConsumerConnection.java`). */
export const consumerConnectionShape = record({
  connectionSet: withDefault(list(connectionShape), []),
  consumeFromWhere: maybe(string),
  consumeType: maybe(string),
  messageModel: maybe(string),
  subscriptionTable: withDefault(mapOf(subscriptionDataShape), new Map()),
})

export const producerConnectionShape = record({ connectionSet: withDefault(list(connectionShape), []) })

export type Connection = ShapeOf<typeof connectionShape>
export type ConsumerConnection = ShapeOf<typeof consumerConnectionShape>
