import { UsageError } from '../errors.ts'
import { DLQ_PREFIX, PropertyName, RETRY_PREFIX } from '../protocol/index.ts'
import type { OutgoingMessage } from './outgoing-message.ts'

/** Properties that ask a broker to deliver a message later. */
const delays = [
  PropertyName.DELAY,
  'TIMER_DELAY_SEC',
  'TIMER_DELAY_MS',
  'TIMER_DELIVER_MS',
  '__STARTDELIVERTIME',
] as const

/**
 * Throws {@link UsageError} for messages that cannot travel as one batch: it is stored as a whole in one queue, at once
 * (`MessageBatch#generateFromList`).
 */
export function checkBatch(messages: readonly OutgoingMessage[]): void {
  const [first] = messages
  if (first === undefined) return
  if (first.topic.startsWith(RETRY_PREFIX) || first.topic.startsWith(DLQ_PREFIX)) {
    throw new UsageError(`brokers take no batch for ${first.topic}; send its messages one by one`)
  }
  for (const message of messages) {
    if (message.topic !== first.topic) throw new UsageError('the messages of a batch must have one topic')
    if (message.shardingKey !== first.shardingKey) {
      throw new UsageError('the messages of a batch go to one queue; they must have one sharding key or none')
    }
    if (message.delayLevel !== undefined || delays.some((name) => message.properties?.has(name))) {
      throw new UsageError('a batch cannot be delayed; send its messages one by one')
    }
  }
}
