import { type AllocateMessageQueueStrategy, shareOf } from '../../core/consumer/index.ts'
import { queueName } from '../../core/protocol/index.ts'
import { buildStrategy } from '../allocation-strategy.ts'
import { noSuchQueue } from '../position/resolve.ts'
import type { ConsumeRun } from './consume-run.ts'
import { namedStrategy } from './strategy-flags.ts'

/**
 * The strategy a member was told to use, tried on the topic as if it were alone: what fails then fails always. Rejects
 * with UsageError when there is none, with HandlerError when it fails, with NotFoundError for a queue that is not there.
 */
export async function memberStrategy(run: ConsumeRun): Promise<AllocateMessageQueueStrategy | undefined> {
  const { settings, connection, route } = run
  const { flags } = settings
  const named = namedStrategy(flags)
  if (named === undefined) return undefined
  const queues = (flags.queue ?? []).map((name) => {
    const queue = route.subscribeQueues.find((one) => queueName(one) === name.trim())
    if (queue === undefined) throw noSuchQueue(name, route.subscribeQueues)
    return queue
  })
  const strategy = await buildStrategy(named, { queues, rooms: flags.rooms ?? [] })
  const { clientId } = connection.client
  const group = connection.wireName(flags.group ?? '')
  shareOf(strategy, { group, clientId, queues: route.subscribeQueues, clientIds: [clientId] })
  return strategy
}
