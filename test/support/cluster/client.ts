import { ClientInstance, type ClientOptions, clientId } from '../../../src/core/client/index.ts'
import { Producer } from '../../../src/core/producer/index.ts'
import { tcpConnect } from '../../../src/core/remoting/index.ts'
import { silentLogger, systemClock } from '../../../src/core/support/index.ts'
import type { ClusterAddress } from './cluster.ts'

let clients = 0

/** A client of a real cluster, over TCP and in real time. Close it. */
export function clusterClient(cluster: Pick<ClusterAddress, 'namesrv'>, options: Partial<ClientOptions> = {}) {
  clients += 1
  return new ClientInstance({
    nameServers: [cluster.namesrv],
    clientId: clientId({ ip: '127.0.0.1', pid: process.pid, unique: String(clients) }),
    connect: tcpConnect(),
    clock: systemClock,
    logger: silentLogger,
    ...options,
  })
}

/** A producer of a client. */
export function clusterProducer(client: ClientInstance): Producer {
  return new Producer(client, { origin: { ip: '127.0.0.1', pid: process.pid, instance: clients } })
}

/** How many messages were ever put into a topic, as its queues show it. */
export async function shown(client: ClientInstance, topic: string): Promise<number> {
  const queues = (await client.routes.get(topic))?.subscribeQueues ?? []
  const ends = await Promise.all(queues.map((queue) => client.queueOffsets.max(queue)))
  return ends.reduce((sum, end) => sum + end, 0)
}

/** Resolves when the queues of a topic show so many messages: a broker answers a send before they do. */
export async function untilShown(client: ClientInstance, topic: string, count: number): Promise<void> {
  while ((await shown(client, topic)) < count) await systemClock.sleep(5)
}

/**
 * Resolves when a group has committed all there is in the queues of a topic: what was consumed does not come again.
 * Members store offsets every 5 s, Java's after the first 10 s.
 */
export async function untilCommitted(client: ClientInstance, group: string, topic: string): Promise<void> {
  const queues = (await client.routes.get(topic))?.subscribeQueues ?? []
  for (const queue of queues) {
    while (((await client.queueOffsets.committed(group, queue)) ?? 0) < (await client.queueOffsets.max(queue))) {
      await systemClock.sleep(50)
    }
  }
}
