import { UsageError } from '../errors.ts'
import {
  checkTopicName,
  encodeProperties,
  isSystemTopic,
  MAX_FRAME_BYTES,
  MAX_PROPERTIES_BYTES,
  PropertyName,
} from '../protocol/index.ts'
import { TRACE_TOPIC } from './trace/trace-record.ts'

/** A message to be sent. */
export interface OutgoingMessage {
  readonly topic: string
  /** At least one byte; brokers take 4 MiB unless configured otherwise. */
  readonly body: Buffer
  readonly tags?: string | undefined
  /** Index keys, none with a space: it separates them on the wire. */
  readonly keys?: readonly string[] | undefined
  /** Level of the broker's delay table, from 1; delivered later. */
  readonly delayLevel?: number | undefined
  /** Messages with one sharding key go to one queue, as long as the number of queues stays. */
  readonly shardingKey?: string | undefined
  /** More properties; those above win. A UNIQ_KEY among them becomes the message id. */
  readonly properties?: ReadonlyMap<string, string> | undefined
  /** The application's own number, 32 bits. @default 0 */
  readonly flag?: number | undefined
}

/** No frame can carry more, whatever the broker is told to take. */
const MAX_BODY_BYTES = MAX_FRAME_BYTES - 1024 * 1024

/** The topics of the system that are there to be sent to. */
const FOR_CLIENTS: ReadonlySet<string> = new Set(['BenchmarkTest', TRACE_TOPIC])

/** Throws {@link UsageError} for a message no broker takes, or that would harm one (`Validators#checkMessage`). */
export function checkMessage(message: OutgoingMessage): void {
  const { topic, body, delayLevel, flag = 0, keys = [] } = message
  checkTopicName(topic)
  // A plain message in the timer's topic stops all timers of a 5.x broker for good.
  if (isSystemTopic(topic) && !FOR_CLIENTS.has(topic)) {
    throw new UsageError(`topic ${topic} belongs to the brokers; send to one of your own`)
  }
  if (body.length === 0) throw new UsageError(`a message to ${topic} has an empty body`)
  if (body.length > MAX_BODY_BYTES) {
    throw new UsageError(
      `a body of ${body.length} bytes is too large: ${MAX_BODY_BYTES} can be sent, brokers take less`,
    )
  }
  if (delayLevel !== undefined && !(Number.isInteger(delayLevel) && delayLevel >= 1)) {
    throw new UsageError(`${delayLevel} is not a delay level; levels are whole numbers from 1`)
  }
  if ((flag | 0) !== flag) throw new UsageError(`the flag ${flag} is not a whole number of 32 bits`)
  for (const key of keys) {
    if (key === '' || /\s/.test(key)) throw new UsageError(`the key '${key}' is empty or contains white space`)
  }
}

/** Throws {@link UsageError} for a body, of a message or of a whole batch, that no frame can carry. */
export function checkBodyBytes(what: string, bytes: number): void {
  if (bytes <= MAX_BODY_BYTES) return
  throw new UsageError(`${what} of ${bytes} bytes is too large: ${MAX_BODY_BYTES} can be sent, brokers take less`)
}

/** All properties of a message as the wire carries them. Throws {@link UsageError} for those that cannot be carried. */
export function outgoingProperties(
  message: OutgoingMessage,
  own: { readonly uniqKey: string; readonly namespace: string },
): string {
  const properties = new Map(message.properties ?? [])
  if (message.tags !== undefined) properties.set(PropertyName.TAGS, message.tags)
  if (message.keys !== undefined && message.keys.length > 0) properties.set(PropertyName.KEYS, message.keys.join(' '))
  if (message.delayLevel !== undefined) properties.set(PropertyName.DELAY, String(message.delayLevel))
  if (message.shardingKey !== undefined) properties.set(PropertyName.SHARDING_KEY, message.shardingKey)
  if (own.namespace !== '') properties.set(PropertyName.INSTANCE_ID, own.namespace)
  properties.set(PropertyName.UNIQ_KEY, own.uniqKey)
  properties.set(PropertyName.WAIT, 'true')
  const text = encoded(properties)
  const bytes = Buffer.byteLength(text)
  if (bytes > MAX_PROPERTIES_BYTES) {
    throw new UsageError(
      `the properties of a message take ${bytes} bytes; at most ${MAX_PROPERTIES_BYTES} can be carried`,
    )
  }
  return text
}

function encoded(properties: ReadonlyMap<string, string>): string {
  try {
    return encodeProperties(properties)
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}
