import { groupMembers } from '../group-members.ts'
import type { PopRebalance } from '../pop/pop-rebalance.ts'
import type { ProcessQueueTable } from '../process-queue-table.ts'
import { Rebalance, type RebalanceOutcome } from '../rebalance/rebalance.ts'
import type { EngineContext } from './engine-context.ts'

/** Wires rebalance passes: shares are worked out here, and taken and given up by the table. */
export function rebalancePass(
  context: EngineContext,
  table: ProcessQueueTable,
  popping: PopRebalance | undefined,
): { readonly run: (signal: AbortSignal) => Promise<RebalanceOutcome> } {
  const { client, group, options, subscriptions, pulling } = context
  const { clock, clientId, logger, routes } = client
  const pulls = new Rebalance({
    group,
    clientId,
    strategy: options.strategy,
    logger,
    topics: () => subscriptions.topics.filter((topic) => popping?.keeps(topic) !== true),
    queuesOf: async (topic) => (await routes.get(topic))?.subscribeQueues,
    membersOf: (topic) => groupMembers(client, group, topic),
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
  if (popping === undefined) return pulls
  return {
    run: async (signal) => {
      const decided = await popping.decide()
      const pulled = await pulls.run(signal)
      return worst(decided, pulled, popping.apply())
    },
  }
}

function worst(...outcomes: readonly RebalanceOutcome[]): RebalanceOutcome {
  if (outcomes.includes('incomplete')) return 'incomplete'
  return outcomes.includes('unknown') ? 'unknown' : 'complete'
}
