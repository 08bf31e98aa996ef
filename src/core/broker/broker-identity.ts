import type { Host } from '../protocol/index.ts'

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
