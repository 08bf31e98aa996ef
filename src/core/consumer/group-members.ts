import type { ClientInstance } from '../client/index.ts'
import { BrokerResponseError, UnsupportedError, UsageError } from '../errors.ts'
import { RETRY_PREFIX, ResponseCode, type SubscriptionData, sqlFilter } from '../protocol/index.ts'
import { checkFilterVersion } from './pull/filter-version.ts'

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

/**
 * Asks a broker of each topic whether it can evaluate the expression (`checkClientInBroker`). Rejects with UsageError for
 * one it cannot read, and with UnsupportedError when it does not filter by such.
 */
export async function checkExpressions(
  client: ClientInstance,
  group: string,
  subscriptions: readonly SubscriptionData[],
): Promise<void> {
  for (const subscriptionData of subscriptions) {
    if (subscriptionData.expressionType === 'TAG') continue
    const [address] = client.routes.addressesFor(subscriptionData.topic)
    if (address === undefined) continue
    checkFilterVersion(address, client.remoting)
    try {
      await client.remoting.invoke(address, 'checkClientConfig', {
        body: { clientId: client.clientId, group, subscriptionData },
      })
    } catch (error) {
      throw explained(error, address, subscriptionData)
    }
    const ignored = ignoredText(subscriptionData.subString)
    if (ignored === '') continue
    client.logger.warn(
      `brokers do not look at '${ignored}' at the end of '${subscriptionData.subString}': it is no part of the condition before it`,
    )
  }
}

function explained(error: unknown, address: string, { topic, subString }: SubscriptionData): unknown {
  if (!(error instanceof BrokerResponseError)) return error
  switch (error.responseCode) {
    case ResponseCode.SUBSCRIPTION_PARSE_FAILED:
      return new UsageError(`broker ${address} cannot filter ${topic}: ${reason(subString)}`, { cause: error })
    // The one reason a broker has to answer so here (ClientManageProcessor#checkClientConfig).
    case ResponseCode.SYSTEM_ERROR:
      return new UnsupportedError(`broker ${address} does not filter by SQL92`, {
        cause: error,
        suggestions: ['set enablePropertyFilter=true in the settings of the brokers, or filter by tags'],
      })
    default:
      return error
  }
}

/** What is wrong with an expression; brokers tell the place at best. */
function reason(expression: string): string {
  try {
    const { ignored } = sqlFilter(expression)
    const cannotRead = `it cannot read the SQL92 expression '${expression}'`
    return ignored === '' ? cannotRead : `${cannotRead}, of which '${ignored}' belongs to nothing`
  } catch (error) {
    if (error instanceof UsageError) return error.message
    throw error
  }
}

/** What brokers leave out of an expression they take; one that only they can read is theirs to judge. */
function ignoredText(expression: string): string {
  try {
    return sqlFilter(expression).ignored
  } catch (error) {
    if (error instanceof UsageError) return ''
    throw error
  }
}
