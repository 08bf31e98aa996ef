import type { ClientInstance } from '../client/index.ts'
import { BrokerResponseError } from '../errors.ts'
import { ResponseCode } from '../protocol/index.ts'
import type { InvokeOptions } from '../remoting/index.ts'
import type { TopicChange } from './topic-plan.ts'

/** Where name servers keep the queue counts of ordered topics (`NamesrvUtil.NAMESPACE_ORDER_TOPIC_CONFIG`). */
const ORDER_NAMESPACE = 'ORDER_TOPIC_CONFIG'

/**
 * Tells every name server the queues an ordered topic will have on these brokers, or that it is ordered there no more;
 * what is told of other brokers stays. Must come before the brokers are changed: a broker takes `order` from its name
 * server whenever it registers a topic (`TopicConfigManager#updateOrderTopicConfig`), and so undoes what it has just
 * been told.
 */
export async function tellOrder(
  client: ClientInstance,
  topic: string,
  plan: readonly TopicChange[],
  wait: InvokeOptions,
): Promise<void> {
  const entry = { namespace: ORDER_NAMESPACE, key: topic }
  // Name servers do not talk to each other.
  for (const address of client.nameServer.addresses) {
    try {
      const told = await client.remoting.invoke(address, 'getKvConfig', entry, wait)
      const value = merged(told.outcome === 'OK' ? (told.value ?? '') : '', plan)
      if (value !== '') await client.remoting.invoke(address, 'putKvConfig', { ...entry, value }, wait)
      else if (told.outcome === 'OK') await client.remoting.invoke(address, 'deleteKvConfig', entry, wait)
    } catch (error) {
      // One that keeps no such table has no broker that takes anything from it.
      if (!isUnsupported(error)) throw error
    }
  }
}

/** Lets every name server forget that a topic, which is gone, was ordered. */
export async function forgetOrder(client: ClientInstance, topic: string, wait: InvokeOptions): Promise<void> {
  const entry = { namespace: ORDER_NAMESPACE, key: topic }
  for (const address of client.nameServer.addresses) {
    try {
      const told = await client.remoting.invoke(address, 'getKvConfig', entry, wait)
      if (told.outcome === 'OK') await client.remoting.invoke(address, 'deleteKvConfig', entry, wait)
    } catch (error) {
      if (!isUnsupported(error)) throw error
    }
  }
}

/** `broker-a:4;broker-b:4` */
function merged(told: string, plan: readonly TopicChange[]): string {
  const counts = new Map(
    told.split(';').flatMap((part) => {
      const [brokerName, count] = part.split(':')
      return brokerName && count ? [[brokerName, count] as const] : []
    }),
  )
  for (const { master, after } of plan) {
    if (after.order) counts.set(master.brokerName, String(after.writeQueues))
    else counts.delete(master.brokerName)
  }
  return [...counts].map(([brokerName, count]) => `${brokerName}:${count}`).join(';')
}

function isUnsupported(error: unknown): boolean {
  return error instanceof BrokerResponseError && error.responseCode === ResponseCode.REQUEST_CODE_NOT_SUPPORTED
}
