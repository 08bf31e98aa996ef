import type { ClientInstance } from '../../client/index.ts'
import { RocketMQError } from '../../errors.ts'
import { type MessageExt, type MessageQueue, queueKey } from '../../protocol/index.ts'
import type { InvokeOptions } from '../../remoting/index.ts'
import { messageAt } from '../messages/read-queue.ts'

/** Reads one message of each queue, by queue key; those that cannot be read, or not in time, are left out. */
export async function readHeads(
  client: ClientInstance,
  heads: readonly { readonly queue: MessageQueue; readonly offset: number }[],
  wait: InvokeOptions,
): Promise<ReadonlyMap<string, MessageExt>> {
  const found = new Map<string, MessageExt>()
  const reads = heads.map(async ({ queue, offset }) => {
    try {
      const { message } = await messageAt(client, queue, { offset, wait })
      if (message !== undefined) found.set(queueKey(queue), message)
    } catch (error) {
      // Not everybody may read messages; a finding then goes without.
      if (!(error instanceof RocketMQError)) throw error
      client.logger.debug(`the message at ${offset} is not read: ${error.message}`)
    }
  })
  await Promise.all(reads)
  return found
}
