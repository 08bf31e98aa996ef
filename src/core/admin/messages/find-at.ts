import type { ClientInstance } from '../../client/index.ts'
import { NotFoundError } from '../../errors.ts'
import { type MessageExt, queueName } from '../../protocol/index.ts'
import type { InvokeOptions } from '../../remoting/index.ts'
import { messageAt } from './read-queue.ts'
import { routeOf } from './topic-brokers.ts'

/** A place in a topic. */
export interface MessagePlace {
  readonly topic: string
  readonly brokerName: string
  readonly queueId: number
  readonly offset: number
}

/**
 * The message at an offset of a queue. Rejects with NotFoundError when there is no such topic or queue, and, saying what
 * the queue holds, when nothing is there.
 */
export async function findAt(client: ClientInstance, place: MessagePlace, wait: InvokeOptions): Promise<MessageExt> {
  const { topic, brokerName, queueId, offset } = place
  const { data } = await routeOf(client, topic, wait)
  const queue = { topic, brokerName, queueId }
  const where = `${queueName(queue)} of ${client.userName(topic)}`
  const here = data.queueDatas.find((queues) => queues.brokerName === brokerName)
  if (here === undefined || queueId >= Math.max(here.readQueueNums, here.writeQueueNums)) {
    const names = data.queueDatas.map((one) => `${one.brokerName}:0 to ${one.brokerName}:${one.readQueueNums - 1}`)
    throw new NotFoundError('queue', queueName(queue), `there is no queue ${where}`, {
      suggestions: [`its queues are ${names.join(', ')}`],
    })
  }
  const { message, min, max } = await messageAt(client, queue, { offset, wait })
  if (message !== undefined) return message
  const holds = max > min ? `it goes from ${min} to ${max - 1}` : 'it is empty'
  throw new NotFoundError('message', String(offset), `there is no message at offset ${offset} of ${where}: ${holds}`)
}
