import { decodeProperties, MAX_PROPERTIES_BYTES, PropertyName, ResponseCode } from '../protocol/index.ts'
import { ResponseFailure } from './reply.ts'

/** Java's `maxMessageSize`. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024

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

/** The properties a message is stored with: the sender's without a POP handle, plus those every broker since 5.0 adds. */
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
  if (bytes <= MAX_PROPERTIES_BYTES) return
  const remark = `the message properties have ${bytes} bytes; at most ${MAX_PROPERTIES_BYTES} are allowed`
  throw new ResponseFailure(ResponseCode.MESSAGE_ILLEGAL, remark)
}
