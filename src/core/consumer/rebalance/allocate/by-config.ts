import { type MessageQueue, RETRY_PREFIX } from '../../../protocol/index.ts'
import { AllocateMessageQueueAveragely } from './averagely.ts'
import type { AllocateMessageQueueStrategy } from './strategy.ts'

/**
 * The queues this member is told to have, whoever else is there (`AllocateMessageQueueByConfig.java`). The group's retry
 * topic, whose queues nobody configures, is shared averagely unless it is named; in Java nobody consumes it then.
 */
export function allocateMessageQueueByConfig(configured: readonly MessageQueue[]): AllocateMessageQueueStrategy {
  return {
    name: 'CONFIG',
    ownShareOnly: true,
    allocate(allocation) {
      const topic = allocation.queues[0]?.topic ?? ''
      const own = configured.filter((queue) => queue.topic === topic)
      const forgotten = own.length === 0 && topic.startsWith(RETRY_PREFIX)
      return forgotten ? AllocateMessageQueueAveragely.allocate(allocation) : own
    },
  }
}
