import { groupMembers } from '../group-members.ts'
import type { PopRebalance } from '../pop/pop-rebalance.ts'
import type { ProcessQueueTable } from '../process-queue-table.ts'
import { AbsentMembers } from '../rebalance/absent-members.ts'
import { AllocateAllQueues } from '../rebalance/allocate/all-queues.ts'
import { Handover } from '../rebalance/handover.ts'
import { Rebalance, type RebalanceOutcome } from '../rebalance/rebalance.ts'
import { ShareTeller } from '../watch/share-teller.ts'
import type { EngineContext } from './engine-context.ts'

/** What the consumer makes its passes with. */
export interface RebalancePass {
  /** One pass; see `Rebalance`. */
  run(signal: AbortSignal): Promise<RebalanceOutcome>
  /** How long until something that a pass waits for may be done, in ms. */
  dueInMs(): number | undefined
  /** A connection to a broker was made anew. */
  reconnected(address: string): void
}

/** Wires rebalance passes: shares are worked out here, and taken and given up by the table. */
export function rebalancePass(
  context: EngineContext,
  table: ProcessQueueTable,
  popping: PopRebalance | undefined,
): RebalancePass {
  const { client, group, options, subscriptions, pulling } = context
  const { clock, clientId, logger, routes } = client
  const { handoverMs } = options
  const isBroadcasting = options.messageModel === 'BROADCASTING'
  const strategy = isBroadcasting ? AllocateAllQueues : options.strategy
  const handover = new Handover({ group, clientId, strategy, clock, logger, handoverMs })
  const absent = new AbsentMembers(clock)
  const share = new ShareTeller(context.events, () => table.owned)
  const rebalance = new Rebalance({
    group,
    clientId,
    strategy,
    handover,
    logger,
    topics: () => subscriptions.topics.filter((topic) => popping?.keeps(topic) !== true),
    queuesOf: async (topic) => (await routes.get(topic))?.subscribeQueues,
    membersOf: async (topic) => {
      const members = isBroadcasting ? [clientId] : await membersOf(topic, context, absent)
      share.members = members?.length ?? share.members
      return members
    },
    notListed: () => client.heartbeat(),
    held: () => table.all,
    release: (queue) => {
      pulling.run(`giving up ${queue.brokerName}:${queue.queueId}`, () => table.release(queue))
    },
    acquire: (queue) => table.acquire(queue),
    changed: async (topic, _all, assigned) => {
      subscriptions.touch(topic, clock.now())
      share.changed(topic)
      context.onQueuesChanged(topic, assigned)
      await client.heartbeat()
    },
  })
  const run = async (signal: AbortSignal): Promise<RebalanceOutcome> => {
    if (popping === undefined) return rebalance.run(signal)
    const decided = await popping.decide()
    const pulled = await rebalance.run(signal)
    return worst(decided, pulled, popping.apply())
  }
  return {
    run,
    dueInMs: () => least(handover.dueInMs, absent.dueInMs),
    reconnected: (address) => {
      absent.reconnected(address)
    },
  }
}

/** The members of the group, those included that a broker started again does not list yet. */
async function membersOf(
  topic: string,
  { client, group, pulling }: EngineContext,
  absent: AbsentMembers,
): Promise<readonly string[] | undefined> {
  const list = await groupMembers(client, group, topic)
  if (list === undefined) return undefined
  const members = absent.complete(list.address, list.clientIds)
  // We count as present, too; the broker has to hear of it all the same.
  if (members.includes(client.clientId) && !list.clientIds.includes(client.clientId)) {
    pulling.run('heartbeat', () => client.heartbeat())
  }
  return members
}

function least(...all: readonly (number | undefined)[]): number | undefined {
  const given = all.filter((one) => one !== undefined)
  return given.length === 0 ? undefined : Math.min(...given)
}

function worst(...outcomes: readonly RebalanceOutcome[]): RebalanceOutcome {
  if (outcomes.includes('incomplete')) return 'incomplete'
  return outcomes.includes('unknown') ? 'unknown' : 'complete'
}
