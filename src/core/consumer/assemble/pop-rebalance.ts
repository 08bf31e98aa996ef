import { popRetryTopic } from '../../protocol/index.ts'
import { groupMembers } from '../group-members.ts'
import { ConsumeModes } from '../pop/consume-modes.ts'
import { PopRebalance, type PopRebalanceParts } from '../pop/pop-rebalance.ts'
import type { EngineContext } from './engine-context.ts'

/** Wires going over between PULL and POP. */
export function popRebalance(
  context: EngineContext,
  parts: Pick<PopRebalanceParts, 'table' | 'isPulled'>,
): PopRebalance {
  const { client, group, subscriptions } = context
  const { clientId, clock, remoting, routes, logger } = client
  return new PopRebalance({
    ...parts,
    monotonic: () => clock.monotonic(),
    topics: () => subscriptions.ownTopics,
    modes: new ConsumeModes({
      group,
      clientId,
      remoting,
      logger,
      addressesFor: (topic) => routes.addressesFor(topic),
    }),
    isListed: async (topic) => {
      const members = await groupMembers(client, group, topic)
      const listed = members?.clientIds.includes(clientId) ?? false
      if (!listed) await client.heartbeat()
      return listed
    },
    takeLeftovers: (topic, leftBehind) => takeLeftovers(context, topic, leftBehind),
    leaveLeftovers: async (topic, goingOver) => {
      // A change of its topics makes a broker tell the members of a group, and so that they ask again at once.
      if (goingOver && subscriptions.addPopped(topic, clock.now()) !== undefined) await client.heartbeat()
      const retry = subscriptions.removePopped(topic)
      if (retry === undefined) return
      routes.unwatch(retry)
      await client.heartbeat()
    },
    changed: context.onQueuesChanged,
  })
}

/** Messages popped and not acknowledged come back to a topic of their own, which exists since the first of them. */
async function takeLeftovers(
  { client, group, subscriptions }: EngineContext,
  topic: string,
  leftBehind: boolean,
): Promise<void> {
  const { routes, clock, logger } = client
  const retry = popRetryTopic(group, topic)
  if (subscriptions.get(retry) !== undefined) return
  try {
    const route = await routes.get(retry)
    if (route === undefined && !leftBehind) return
  } catch (error) {
    logger.debug(`cannot find out whether there is a topic ${retry}: ${String(error)}`)
    if (!leftBehind) return
  }
  if (subscriptions.addPopped(topic, clock.now()) === undefined) return
  routes.watch(retry)
  // Tells the others as well: their brokers' answer is another now.
  if (leftBehind) await client.heartbeat()
}
