import type { ClientInstance } from '../client/index.ts'
import { NotFoundError, UsageError } from '../errors.ts'
import { compareText } from '../protocol/index.ts'
import type { InvokeOptions } from '../remoting/index.ts'
import { clusterInfo } from './cluster-info.ts'

/** A broker's master. */
export interface Master {
  readonly cluster: string
  readonly brokerName: string
  readonly address: string
}

/** What a name server knows of the brokers. */
export interface Brokers {
  /** Sorted by cluster and name. */
  readonly masters: readonly Master[]
  readonly clusters: readonly string[]
  /** Brokers that only have replicas now: nothing can be written there. */
  readonly withoutMaster: readonly string[]
}

/** Asks a name server for all brokers (106). */
export async function findBrokers(client: ClientInstance, options: InvokeOptions): Promise<Brokers> {
  const { clusterAddrTable, brokerAddrTable } = await clusterInfo(client, options)
  const masters: Master[] = []
  const withoutMaster: string[] = []
  for (const [cluster, names] of clusterAddrTable) {
    for (const brokerName of names) {
      const address = brokerAddrTable.get(brokerName)?.brokerAddrs.get(0)
      if (address === undefined) withoutMaster.push(brokerName)
      else masters.push({ cluster, brokerName, address })
    }
  }
  masters.sort((a, b) => compareText(a.cluster, b.cluster) || compareText(a.brokerName, b.brokerName))
  return { masters, withoutMaster: withoutMaster.sort(), clusters: [...clusterAddrTable.keys()].sort() }
}

/**
 * The masters of the clusters named; of the only one when none is. Throws UsageError when there are several and none is
 * named, NotFoundError for a cluster that does not exist or has no master.
 */
export function mastersOf(brokers: Brokers, clusters: readonly string[]): readonly Master[] {
  if (clusters.length === 0 && brokers.clusters.length > 1) {
    throw new UsageError(`there are several clusters: ${brokers.clusters.join(', ')}`, {
      suggestions: ['choose with --cluster; it may be given several times'],
    })
  }
  const unknown = clusters.find((cluster) => !brokers.clusters.includes(cluster))
  if (unknown !== undefined) {
    const message = `there is no cluster ${unknown}; there is ${brokers.clusters.join(', ') || 'none at all'}`
    throw new NotFoundError('broker', unknown, message)
  }
  const chosen = brokers.masters.filter(({ cluster }) => clusters.length === 0 || clusters.includes(cluster))
  if (chosen.length === 0)
    throw new NotFoundError('broker', clusters.join(', '), 'no broker with a master is registered')
  return chosen
}
