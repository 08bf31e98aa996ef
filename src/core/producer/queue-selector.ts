import { javaHash, type MessageQueue } from '../protocol/index.ts'

/** Picks the queue of a message; the queues are sorted by broker and id, their topic is named as on the wire. */
export type QueueSelector = (queues: readonly MessageQueue[]) => MessageQueue | undefined

/** Always the same queue for a key (`SelectMessageQueueByHash.java`): the key's Java hash, modulo, without its sign. */
export function selectByHash(shardingKey: string): QueueSelector {
  return (queues) => queues[Math.abs(javaHash(shardingKey) % queues.length)]
}

/** One named queue. */
export function selectQueue(brokerName: string, queueId: number): QueueSelector {
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
