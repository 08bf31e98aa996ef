import { UsageError } from '../errors.ts'
import { encodeProperties, PropertyName } from '../protocol/index.ts'

/** A message to be sent. */
export interface OutgoingMessage {
  readonly topic: string
  readonly body: Buffer
  readonly tags?: string | undefined
  readonly keys?: readonly string[] | undefined
  /** Level of the broker's delay table, from 1; delivered later. */
  readonly delayLevel?: number | undefined
  /** Messages with one sharding key go to one queue, as long as the number of queues stays. */
  readonly shardingKey?: string | undefined
  /** More properties; those above win. */
  readonly properties?: ReadonlyMap<string, string> | undefined
  /** The application's own number. @default 0 */
  readonly flag?: number | undefined
}

/** All properties of a message as the wire carries them, its id included. Throws UsageError for one that cannot be carried. */
export function outgoingProperties(message: OutgoingMessage, uniqKey: string): string {
  const properties = new Map(message.properties ?? [])
  if (message.tags !== undefined) properties.set(PropertyName.TAGS, message.tags)
  if (message.keys !== undefined && message.keys.length > 0) properties.set(PropertyName.KEYS, message.keys.join(' '))
  if (message.delayLevel !== undefined) properties.set(PropertyName.DELAY, String(message.delayLevel))
  if (message.shardingKey !== undefined) properties.set(PropertyName.SHARDING_KEY, message.shardingKey)
  properties.set(PropertyName.UNIQ_KEY, uniqKey)
  properties.set(PropertyName.WAIT, 'true')
  try {
    return encodeProperties(properties)
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}
