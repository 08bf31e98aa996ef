import type { ClientInstance, TopicRoute } from '../../client/index.ts'
import { NotFoundError } from '../../errors.ts'
import { compareText } from '../../protocol/index.ts'
import type { InvokeOptions } from '../../remoting/index.ts'
import { missingBrokers } from '../cluster-info.ts'

/** A broker that has a topic, and where to ask it. */
export interface TopicBroker {
  readonly brokerName: string
  /** The master's, else a replica's. */
  readonly address: string
  /** All of its processes, as the route tells them. */
  readonly addresses: readonly string[]
}

/** The brokers of a topic, sorted by name; after them those that are missing and may have had it, which do not answer. */
export async function brokersToAsk(
  client: ClientInstance,
  route: TopicRoute,
  wait: InvokeOptions,
): Promise<readonly TopicBroker[]> {
  const missing = await missingBrokers(client, wait)
  return [...brokersOf(route), ...missing.map((name) => ({ brokerName: name, address: name, addresses: [name] }))]
}

function brokersOf({ data }: TopicRoute): readonly TopicBroker[] {
  return data.brokerDatas
    .flatMap(({ brokerName, brokerAddrs }) => {
      const addresses = [...brokerAddrs].sort(([a], [b]) => a - b).map(([, address]) => address)
      const [address] = addresses
      return address === undefined ? [] : [{ brokerName, address, addresses }]
    })
    .sort((a, b) => compareText(a.brokerName, b.brokerName))
}

/** A topic's route, fresh from the name server. Rejects with NotFoundError for a topic it does not know. */
export async function routeOf(client: ClientInstance, topic: string, wait: InvokeOptions): Promise<TopicRoute> {
  const route = await client.routes.refresh(topic, wait)
  if (route !== undefined) return route
  const name = client.userName(topic)
  throw new NotFoundError('topic', topic, `no such topic: ${name}`)
}
