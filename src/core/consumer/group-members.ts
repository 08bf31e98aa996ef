import type { ClientInstance } from '../client/index.ts'
import { RETRY_PREFIX, type SubscriptionData } from '../protocol/index.ts'

/** The members of a group as one broker lists them. */
export interface MemberList {
  /** Of that broker. */
  readonly address: string
  readonly clientIds: readonly string[]
}

/**
 * Client ids of a group as one broker of the topic lists them; `undefined` when none answers. Nobody being online is
 * an error on the wire, so it reads as no answer too (`MQClientInstance#findConsumerIdList`).
 */
export async function groupMembers(
  client: ClientInstance,
  group: string,
  topic: string,
): Promise<MemberList | undefined> {
  for (const address of client.routes.addressesFor(topic)) {
    try {
      const { body } = await client.remoting.invoke(address, 'getConsumerListByGroup', { consumerGroup: group })
      return { address, clientIds: body.consumerIdList }
    } catch (error) {
      if (!topic.startsWith(RETRY_PREFIX)) client.logger.warn(`cannot list the members of ${group}: ${String(error)}`)
    }
  }
  return undefined
}

/** Asks a broker of each topic whether it can evaluate the expression; rejects with its refusal (`checkClientInBroker`). */
export async function checkExpressions(
  client: ClientInstance,
  group: string,
  subscriptions: readonly SubscriptionData[],
): Promise<void> {
  for (const subscriptionData of subscriptions) {
    if (subscriptionData.expressionType === 'TAG') continue
    const [address] = client.routes.addressesFor(subscriptionData.topic)
    if (address === undefined) continue
    await client.remoting.invoke(address, 'checkClientConfig', {
      body: { clientId: client.clientId, group, subscriptionData },
    })
  }
}
