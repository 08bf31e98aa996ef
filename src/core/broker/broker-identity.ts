import { type Host, parseIp } from '../protocol/index.ts'
import type { Clock } from '../support/index.ts'

/** Who this broker says it is. */
export interface BrokerIdentity {
  readonly clusterName: string
  readonly brokerName: string
  readonly brokerId: number
  /** `host:port` at which clients reach it. */
  readonly address: string
  /** The same as it stands in message ids. */
  readonly storeHost: Host
  /** When it started, in ms since the epoch. */
  readonly startedAt: number
}

export const CLUSTER_NAME = 'DefaultCluster'
export const BROKER_NAME = 'broker-a'

const LOOPBACK = '127.0.0.1'

/** The identity of a broker that listens on a port. Listening everywhere, it advertises loopback unless told otherwise. */
export function identityOf(
  options: { readonly host?: string; readonly advertisedHost?: string | undefined; readonly clock: Clock },
  port: number,
): BrokerIdentity {
  const listening = options.host === '0.0.0.0' || options.host === '::' ? undefined : options.host
  const host = options.advertisedHost ?? listening ?? LOOPBACK
  return {
    clusterName: CLUSTER_NAME,
    brokerName: BROKER_NAME,
    brokerId: 0,
    address: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
    // Ids carry an IP address; of a host name it is not known which one clients see.
    storeHost: { ip: parseIp(host) === undefined ? LOOPBACK : host, port },
    startedAt: options.clock.now(),
  }
}
