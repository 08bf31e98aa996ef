import { decodeProperties, MAX_PROPERTIES_BYTES, PropertyName, ResponseCode } from '../protocol/index.ts'
import { ResponseFailure } from './reply.ts'
import { type DelayLevels, SCHEDULE_TOPIC } from './store/delay-levels.ts'
import type { IncomingMessage } from './store/message-store.ts'

/** Java's `maxMessageSize`. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024

/** Room for what the broker itself adds. */
const MAX_SENT_PROPERTIES_BYTES = MAX_PROPERTIES_BYTES

/** Throws MESSAGE_ILLEGAL for a body no message can have. */
export function requireBody(body: Buffer): void {
  if (body.length === 0) throw new ResponseFailure(ResponseCode.MESSAGE_ILLEGAL, 'the message has no body')
  if (body.length > MAX_BODY_BYTES) {
    const remark = `the message body has ${body.length} bytes; at most ${MAX_BODY_BYTES} are allowed`
    throw new ResponseFailure(ResponseCode.MESSAGE_ILLEGAL, remark)
  }
}

/** What the broker adds to the properties of every message. */
export interface AddedProperties {
  readonly clusterName: string
  /** Makes an id for a message that came without one. */
  readonly uniqKey: () => string
}

/**
 * The properties a message is stored with: the sender's without a POP handle, plus those every broker since 5.0 adds. Throws
 * MESSAGE_ILLEGAL when they cannot be stored.
 */
export function storedProperties(sent: string | undefined, added: AddedProperties): Map<string, string> {
  const properties = decodeProperties(sent ?? '')
  properties.delete(PropertyName.POP_CK)
  if (!properties.has(PropertyName.UNIQ_KEY)) properties.set(PropertyName.UNIQ_KEY, added.uniqKey())
  properties.set(PropertyName.MSG_REGION, REGION)
  properties.set(PropertyName.TRACE_ON, 'true')
  properties.set(PropertyName.CLUSTER, added.clusterName)
  return properties
}

/** Java's `MixAll.DEFAULT_TRACE_REGION_ID`. */
export const REGION = 'DefaultRegion'

/** Throws MESSAGE_ILLEGAL when properties cannot be stored. */
export function requireStorable(properties: ReadonlyMap<string, string>): void {
  let bytes = 0
  for (const [name, value] of properties) {
    if (value.includes('\u0001')) {
      const remark = `the message property '${name.slice(0, 80)}' contains U+0001`
      throw new ResponseFailure(ResponseCode.MESSAGE_ILLEGAL, remark)
    }
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value) + 2
  }
  if (bytes <= MAX_SENT_PROPERTIES_BYTES) return
  const remark = `the message properties have ${bytes} bytes; at most ${MAX_SENT_PROPERTIES_BYTES} are allowed`
  throw new ResponseFailure(ResponseCode.MESSAGE_ILLEGAL, remark)
}

/**
 * A message with a delay level as it waits in the schedule topic; any other one as it is
 * (`HookUtils#transformDelayLevelMessage`). Throws SYSTEM_ERROR for a level that is not a number.
 */
export function delayed(message: IncomingMessage, levels: DelayLevels, nowMs: number): IncomingMessage {
  const text = message.properties.get(PropertyName.DELAY)
  if (text === undefined) return message
  if (!/^-?\d{1,9}$/.test(text)) {
    throw new ResponseFailure(ResponseCode.SYSTEM_ERROR, `the delay level '${text.slice(0, 40)}' is not a number`)
  }
  const level = levels.clamp(Number(text))
  if (level <= 0) return message
  const properties = new Map(message.properties)
  properties.set(PropertyName.DELAY, String(level))
  properties.set(PropertyName.REAL_TOPIC, message.topic)
  properties.set(PropertyName.REAL_QID, String(message.queueId))
  requireStorable(properties)
  const wait = { level, dueMs: nowMs + levels.delayMsOf(level) }
  return { ...message, topic: SCHEDULE_TOPIC, queueId: level - 1, properties, wait }
}
