import { setTimeout as sleep } from 'node:timers/promises'
import { BrokerResponseError } from '../../../src/core/errors.ts'
import { RemotingClient, type RemotingClientOptions, tcpConnect } from '../../../src/core/remoting/index.ts'
import { systemClock } from '../../../src/core/support/index.ts'
import type { ClusterAddress } from './cluster.ts'

/** A bare client over TCP, to ask a cluster by the table of operations. */
export function remotingClient(options: Partial<RemotingClientOptions> = {}): RemotingClient {
  return new RemotingClient({ clock: systemClock, connect: tcpConnect(), ...options })
}

/** Creates a topic and resolves when the name server routes to it, which brokers tell it a moment later. */
export async function createTopic(cluster: ClusterAddress, topic: string, queues = 4): Promise<void> {
  const client = remotingClient()
  try {
    await client.invoke(cluster.brokerAddress, 'updateAndCreateTopic', {
      topic,
      readQueueNums: queues,
      writeQueueNums: queues,
      perm: 6,
      topicFilterType: 'SINGLE_TAG',
      defaultTopic: 'TBW102',
      topicSysFlag: 0,
      order: false,
    })
    while (!(await isRouted(client, cluster.namesrv, topic))) await sleep(50)
  } finally {
    client.close()
  }
}

async function isRouted(client: RemotingClient, namesrv: string, topic: string): Promise<boolean> {
  try {
    await client.invoke(namesrv, 'getRouteInfoByTopic', { topic })
    return true
  } catch (error) {
    // TOPIC_NOT_EXIST
    if (error instanceof BrokerResponseError && error.responseCode === 17) return false
    throw error
  }
}
