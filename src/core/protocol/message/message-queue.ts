import { integer, record, type Shape, string } from '../shape.ts'

/** One queue of a topic on one broker: the unit that is owned, pulled and committed. */
export interface MessageQueue {
  readonly topic: string
  readonly brokerName: string
  readonly queueId: number
}

/** A queue as a JSON body carries it. */
export const messageQueueShape: Shape<MessageQueue> = record({ brokerName: string, queueId: integer, topic: string })

/** A text that two queues share only if they are the same. Names cannot contain the separator. */
export function queueKey(queue: MessageQueue): string {
  return `${queue.topic}\u0000${queue.brokerName}\u0000${queue.queueId}`
}

/** A queue as people write it: `broker-a:0`. */
export function queueName(queue: Pick<MessageQueue, 'brokerName' | 'queueId'>): string {
  return `${queue.brokerName}:${queue.queueId}`
}

/** The order every member of a group must agree on: topic, broker name (code units), queue id (`MessageQueue#compareTo`). */
export function compareQueues(a: MessageQueue, b: MessageQueue): number {
  return compareText(a.topic, b.topic) || compareText(a.brokerName, b.brokerName) || a.queueId - b.queueId
}

/** Java's `String.compareTo`: by UTF-16 code units, which no locale changes. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
