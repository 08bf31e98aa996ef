import { javaHash, type MessageQueue } from '../protocol/index.ts'
import type { OutgoingMessage } from './outgoing-message.ts'

/**
 * Picks the queue of a message, of a batch by its first (`MessageQueueSelector.java`): one of `queues`, which are those
 * that can be written now, sorted by broker and id, their topic named as on the wire. It is asked again for every
 * attempt, answers at once, and what it throws is what the send rejects with; `undefined`: there is no such queue.
 *
 * ```ts
 * const byRegion: QueueSelector = (queues, { properties }) => queues[properties?.get('region') === 'eu' ? 0 : 1]
 * await producer.send({ topic: 'orders', body, properties }, { selector: byRegion })
 * ```
 */
export type QueueSelector = (queues: readonly MessageQueue[], message: OutgoingMessage) => MessageQueue | undefined

/** One that does not look at the message. */
type KeySelector = (queues: readonly MessageQueue[]) => MessageQueue | undefined

/** Always the same queue for a key (`SelectMessageQueueByHash.java`): the key's Java hash, modulo, without its sign. */
export function selectByHash(shardingKey: string): KeySelector {
  return (queues) => queues[Math.abs(javaHash(shardingKey) % queues.length)]
}

/** One named queue. */
export function selectQueue(brokerName: string, queueId: number): KeySelector {
  return (queues) => queues.find((queue) => queue.brokerName === brokerName && queue.queueId === queueId)
}

/** Each queue in turn; after a failure a queue of another broker if there is one (`MQFaultStrategy`, without latency). */
export class RoundRobin {
  #next: number

  /** `first`: where to begin, modulo the queues, so that short-lived producers do not all send to the same one. */
  constructor(first = 0) {
    this.#next = first
  }

  select(queues: readonly MessageQueue[], failedBroker?: string): MessageQueue | undefined {
    for (let i = 0; i < queues.length; i++) {
      const queue = queues[this.#next++ % queues.length]
      if (queue && queue.brokerName !== failedBroker) return queue
    }
    return queues[this.#next++ % queues.length]
  }
}
