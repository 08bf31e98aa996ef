import { HandlerError } from '../../errors.ts'
import { type MessageQueue, QueueMap, queueName } from '../../protocol/index.ts'
import type { AllocateMessageQueueStrategy, Allocation } from './allocate/strategy.ts'

/**
 * A member's share as its strategy has it. Nobody and nothing to share makes an empty one. @throws HandlerError when
 * the strategy fails, or gives what is not a list of different queues of the topic.
 */
export function shareOf(strategy: AllocateMessageQueueStrategy, allocation: Allocation): readonly MessageQueue[] {
  const { queues, clientIds } = allocation
  if (queues.length === 0 || clientIds.length === 0) return []
  const given = allocated(strategy, allocation)
  const what = `the strategy ${strategy.name} gave`
  if (!Array.isArray(given)) {
    const kind = given instanceof Promise ? 'a promise; it has to answer at once' : `no list of queues`
    throw new HandlerError(`${what} ${kind}`)
  }
  const known = new QueueMap<MessageQueue>()
  for (const queue of queues) known.set(queue, queue)
  const share = new QueueMap<true>()
  const listed: MessageQueue[] = []
  for (const one of given as readonly unknown[]) {
    const queue = isQueue(one) ? known.get(one) : undefined
    if (queue === undefined) {
      const name = isQueue(one) ? `${queueName(one)} of ${one.topic}` : JSON.stringify(one)
      throw new HandlerError(`${what} ${name}, which is no queue of ${queues[0]?.topic ?? 'the topic'}`)
    }
    if (share.has(queue)) throw new HandlerError(`${what} ${queueName(queue)} twice`)
    share.set(queue, true)
    listed.push(queue)
  }
  return listed
}

/** The answer of code that may be the user's: anything. */
function allocated(strategy: AllocateMessageQueueStrategy, allocation: Allocation): unknown {
  try {
    return strategy.allocate(allocation)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new HandlerError(`the strategy ${strategy.name} failed: ${why}`, { cause: error })
  }
}

function isQueue(value: unknown): value is MessageQueue {
  if (typeof value !== 'object' || value === null) return false
  return 'topic' in value && 'brokerName' in value && 'queueId' in value
}
