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
