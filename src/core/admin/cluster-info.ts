import { type ClientInstance, missingIn, withExpected } from '../client/index.ts'
import type { ClusterInfo } from '../protocol/index.ts'
import type { InvokeOptions } from '../remoting/index.ts'

/** Asks a name server for all brokers (106); those that are expected and that it does not know are there too, and do not answer. */
export async function clusterInfo(client: ClientInstance, wait: InvokeOptions): Promise<ClusterInfo> {
  const { body } = await client.nameServer.invoke('getBrokerClusterInfo', {}, wait)
  return withExpected(body, client.expectedBrokers)
}

/** The brokers that are expected, and that no name server knows. Nobody is asked where none is expected. */
export async function missingBrokers(client: ClientInstance, wait: InvokeOptions): Promise<readonly string[]> {
  if (client.expectedBrokers.length === 0) return []
  const { body } = await client.nameServer.invoke('getBrokerClusterInfo', {}, wait)
  return missingIn(body, client.expectedBrokers)
}
