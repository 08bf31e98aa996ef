import { UsageError } from '../../core/errors.ts'
import { PropertyName } from '../../core/protocol/index.ts'
import type { MessageContent } from './template.ts'

/**
 * Properties that a broker or a producer makes: of the message that was read, not of the one to be sent. A message that
 * is sent again is another message, with an id of its own.
 */
export const madeByOthers: ReadonlySet<string> = new Set([
  PropertyName.UNIQ_KEY,
  PropertyName.WAIT,
  PropertyName.PRODUCER_GROUP,
  PropertyName.TRAN_MSG,
  PropertyName.RETRY_TOPIC,
  PropertyName.REAL_TOPIC,
  PropertyName.REAL_QID,
  PropertyName.ORIGIN_MESSAGE_ID,
  PropertyName.RECONSUME_TIME,
  PropertyName.MAX_RECONSUME_TIMES,
  PropertyName.MIN_OFFSET,
  PropertyName.MAX_OFFSET,
  PropertyName.CONSUME_START_TIME,
  PropertyName.MSG_REGION,
  PropertyName.TRACE_ON,
  PropertyName.CLUSTER,
  PropertyName.INSTANCE_ID,
  PropertyName.POP_CK,
  PropertyName.INNER_NUM,
  PropertyName.INNER_BASE,
  '1ST_POP_TIME',
  'DUP_INFO',
  'DLQ_ORIGIN_TOPIC',
  'DLQ_ORIGIN_MESSAGE_ID',
  'INNER_MULTI_DISPATCH',
  'INNER_MULTI_QUEUE_OFFSET',
  'TIMER_ENQUEUE_MS',
  'TIMER_DEQUEUE_MS',
  'TIMER_ROLL_TIMES',
  'TIMER_OUT_MS',
  '__CRC32#',
])

/** Properties that have a member of their own. */
const ownMembers: ReadonlySet<string> = new Set([
  PropertyName.KEYS,
  PropertyName.TAGS,
  PropertyName.DELAY,
  PropertyName.SHARDING_KEY,
])

/**
 * Reads a message as `consume -o jsonl` writes it: `body` or `bodyBase64`, `keys`, `tags`, `properties`. Where it came
 * from (topic, queue, offset, ids, times) is not read. Throws UsageError saying which member is wrong.
 */
export function parseJsonMessage(text: string): MessageContent {
  const record = asRecord(parse(text), 'the line')
  const given = properties(record)
  const tags = optionalText(record, 'tags') ?? given.get(PropertyName.TAGS)
  const delay = given.get(PropertyName.DELAY)
  return {
    body: body(record),
    tags,
    keys: keys(record) ?? (given.get(PropertyName.KEYS) ?? '').split(' ').filter((key) => key !== ''),
    delayLevel: delay === undefined ? undefined : delayLevel(delay),
    shardingKey: given.get(PropertyName.SHARDING_KEY),
    properties: new Map([...given].filter(([name]) => !madeByOthers.has(name) && !ownMembers.has(name))),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new UsageError(`it is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

function asRecord(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageError(`${what} is not a JSON object`)
  }
  return value as Readonly<Record<string, unknown>>
}

function body(record: Readonly<Record<string, unknown>>): Buffer {
  const text = optionalText(record, 'body')
  const base64 = optionalText(record, 'bodyBase64')
  if (text !== undefined && base64 !== undefined) throw new UsageError('it has both body and bodyBase64')
  if (text !== undefined) return Buffer.from(text)
  if (base64 === undefined) throw new UsageError('it has neither body nor bodyBase64')
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/.test(base64)) {
    throw new UsageError('bodyBase64 is not Base64')
  }
  return Buffer.from(base64, 'base64')
}

function keys(record: Readonly<Record<string, unknown>>): string[] | undefined {
  const value = record['keys']
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value)) throw new UsageError('keys is not a list of texts')
  return value.map((key: unknown) => {
    if (typeof key !== 'string' || key === '' || /\s/.test(key)) {
      throw new UsageError('keys has a member that is no text, is empty or has a blank in it')
    }
    return key
  })
}

function properties(record: Readonly<Record<string, unknown>>): Map<string, string> {
  const value = record['properties']
  if (value === undefined || value === null) return new Map()
  return new Map(
    Object.entries(asRecord(value, 'properties')).map(([name, text]) => {
      if (typeof text !== 'string') throw new UsageError(`the property ${name} is not a text`)
      return [name, text]
    }),
  )
}

function optionalText(record: Readonly<Record<string, unknown>>, member: string): string | undefined {
  const value = record[member]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw new UsageError(`${member} is not a text`)
  return value
}

/** Level 0 is on dead letters: no delay. */
function delayLevel(text: string): number | undefined {
  if (text === '0') return undefined
  if (!/^\d{1,3}$/.test(text)) throw new UsageError(`the property DELAY is '${text}', not a delay level`)
  return Number(text)
}
