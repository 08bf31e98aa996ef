import { groupMembers } from '../group-members.ts'
import type { ProcessQueueTable } from '../process-queue-table.ts'
import { AllocateAllQueues } from '../rebalance/allocate/all-queues.ts'
import { Rebalance } from '../rebalance/rebalance.ts'
import type { EngineContext } from './engine-context.ts'

/** Wires rebalance passes: shares are worked out here, and taken and given up by the table. */
export function rebalancePass(context: EngineContext, table: ProcessQueueTable): Rebalance {
  const { client, group, options, subscriptions, pulling } = context
  const { clock, clientId, logger, routes } = client
  const isBroadcasting = options.messageModel === 'BROADCASTING'
  return new Rebalance({
    group,
    clientId,
    strategy: isBroadcasting ? AllocateAllQueues : options.strategy,
    logger,
    topics: () => subscriptions.topics,
    queuesOf: async (topic) => (await routes.get(topic))?.subscribeQueues,
    membersOf: isBroadcasting ? () => Promise.resolve([clientId]) : (topic) => groupMembers(client, group, topic),
    notListed: () => client.heartbeat(),
    held: () =>
      table.all.map((held) => ({
        messageQueue: held.messageQueue,
        releasing: held.releasing,
        stalled: held.stalled,
      })),
    release: (queue) => {
      pulling.run(`giving up ${queue.brokerName}:${queue.queueId}`, () => table.release(queue))
    },
    acquire: (queue) => table.acquire(queue),
    changed: async (topic, _all, assigned) => {
      subscriptions.touch(topic, clock.now())
      context.onQueuesChanged(topic, assigned)
      await client.heartbeat()
    },
  })
}
