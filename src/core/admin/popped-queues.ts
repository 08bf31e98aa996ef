import { type MessageQueue, queueKey } from '../protocol/index.ts'

/** What brokers call any of their queues, to members that may pop from all of them (`QueryAssignmentProcessor`). */
const ANY_QUEUE = -1

/** Whether it stands for all queues its topic has on its broker. */
export function isAnyQueue({ queueId }: Pick<MessageQueue, 'queueId'>): boolean {
  return queueId === ANY_QUEUE
}

/** The key of what stands for a queue, and all others of its topic on its broker. */
export function anyQueueKey({ topic, brokerName }: Pick<MessageQueue, 'topic' | 'brokerName'>): string {
  return queueKey({ topic, brokerName, queueId: ANY_QUEUE })
}
