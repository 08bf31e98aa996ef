import { ProtocolError } from '../../errors.ts'

/** Property names the protocol gives a meaning (`MessageConst.java`). */
export const PropertyName = {
  KEYS: 'KEYS',
  TAGS: 'TAGS',
  WAIT: 'WAIT',
  DELAY: 'DELAY',
  UNIQ_KEY: 'UNIQ_KEY',
  PRODUCER_GROUP: 'PGROUP',
  TRAN_MSG: 'TRAN_MSG',
  RETRY_TOPIC: 'RETRY_TOPIC',
  REAL_TOPIC: 'REAL_TOPIC',
  REAL_QID: 'REAL_QID',
  ORIGIN_MESSAGE_ID: 'ORIGIN_MESSAGE_ID',
  RECONSUME_TIME: 'RECONSUME_TIME',
  MAX_RECONSUME_TIMES: 'MAX_RECONSUME_TIMES',
  MIN_OFFSET: 'MIN_OFFSET',
  MAX_OFFSET: 'MAX_OFFSET',
  CONSUME_START_TIME: 'CONSUME_START_TIME',
  MSG_REGION: 'MSG_REGION',
  TRACE_ON: 'TRACE_ON',
  CLUSTER: 'CLUSTER',
  INSTANCE_ID: 'INSTANCE_ID',
  SHARDING_KEY: '__SHARDINGKEY',
  POP_CK: 'POP_CK',
  FIRST_POP_TIME: '1ST_POP_TIME',
  ORIGIN_GROUP: 'ORIGIN_GROUP',
  INNER_NUM: 'INNER_NUM',
  INNER_BASE: 'INNER_BASE',
} as const

const NAME_END = '\u0001'
const PROPERTY_END = '\u0002'

/** Java's limit for the whole text, in bytes. */
export const MAX_PROPERTIES_BYTES = 32_767

/**
 * Properties as text: name U+0001 value U+0002, repeated. There is no escaping: throws {@link ProtocolError} for an empty name
 * or value and for one that contains a separator.
 */
export function encodeProperties(properties: ReadonlyMap<string, string>): string {
  let text = ''
  for (const [name, value] of properties) {
    if (name === '' || value === '') throw new ProtocolError(`property '${name}' has an empty name or value`)
    if (/[\u0001\u0002]/.test(name) || /[\u0001\u0002]/.test(value)) {
      throw new ProtocolError(`property '${name.replace(/[\u0001\u0002]/g, '?')}' contains U+0001 or U+0002`)
    }
    text += name + NAME_END + value + PROPERTY_END
  }
  return text
}

/**
 * Reads properties. Entries without a separator, with an empty name or an empty value are skipped, of a name that occurs
 * twice the last value counts (`MessageDecoder#string2messageProperties`).
 */
export function decodeProperties(text: string): Map<string, string> {
  const properties = new Map<string, string>()
  for (const entry of text.split(PROPERTY_END)) {
    const end = entry.indexOf(NAME_END)
    if (end > 0 && end < entry.length - 1) properties.set(entry.slice(0, end), entry.slice(end + 1))
  }
  return properties
}
