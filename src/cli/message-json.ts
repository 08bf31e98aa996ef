import { isUtf8 } from 'node:buffer'
import { type MessageExt, PropertyName } from '../core/protocol/index.ts'

/** A message as `mq` writes it as JSON; `produce --input jsonl` reads it back. */
export interface MessageJson {
  readonly topic: string
  readonly broker: string
  readonly queue: number
  readonly offset: number
  readonly msgId: string
  readonly offsetMsgId: string
  readonly keys: readonly string[]
  readonly tags: string | null
  /** The body where it is UTF-8. */
  readonly body?: string
  /** The body where it is not. */
  readonly bodyBase64?: string
  /** All but those that have a field of their own and those every client and broker adds. */
  readonly properties: Readonly<Record<string, string>>
  /** RFC 3339 in UTC with milliseconds, as all times. */
  readonly bornTime: string
  readonly storeTime: string
  readonly reconsumeTimes: number
}

/** Told elsewhere in the object, or the same for every message and said by nobody. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  PropertyName.KEYS,
  PropertyName.TAGS,
  PropertyName.UNIQ_KEY,
  PropertyName.WAIT,
  PropertyName.CLUSTER,
  PropertyName.MSG_REGION,
  PropertyName.TRACE_ON,
  PropertyName.MIN_OFFSET,
  PropertyName.MAX_OFFSET,
  PropertyName.CONSUME_START_TIME,
])

/** The JSON of a message. `topic` is its name as the user calls it. Throws ProtocolError for a body that cannot be decompressed. */
export function messageJson(message: MessageExt, topic: string): MessageJson {
  const { body } = message
  return {
    topic,
    broker: message.brokerName,
    queue: message.queueId,
    offset: message.queueOffset,
    msgId: message.msgId,
    offsetMsgId: message.offsetMsgId,
    keys: message.keys,
    tags: message.tags ?? null,
    ...(isUtf8(body) ? { body: body.toString('utf8') } : { bodyBase64: body.toString('base64') }),
    properties: ownProperties(message),
    bornTime: new Date(message.bornTimestamp).toISOString(),
    storeTime: new Date(message.storeTimestamp).toISOString(),
    reconsumeTimes: message.reconsumeTimes,
  }
}

/** The properties that somebody gave the message, and what retries and delays left on it. */
export function ownProperties(message: MessageExt): Record<string, string> {
  return Object.fromEntries([...message.properties].filter(([name]) => !LEFT_OUT.has(name)))
}
