import { ConnectionError } from '../errors.ts'
import type { ClusterInfo } from '../protocol/index.ts'
import type { Connect } from '../remoting/index.ts'

/**
 * Adds masters that a cluster should have to what a name server tells of it: it forgets a broker as soon as the connection to it
 * breaks. Such a one counts to the first cluster and has its own name for an address, at which {@link expecting} says what is wrong.
 */
export function withExpected(info: ClusterInfo, expected: readonly string[]): ClusterInfo {
  const missing = missingIn(info, expected)
  if (missing.length === 0) return info
  const [cluster = ''] = [...info.clusterAddrTable.keys()].sort()
  const names = [...(info.clusterAddrTable.get(cluster) ?? []), ...missing]
  const added = missing.map((name) => [name, { brokerName: name, cluster, brokerAddrs: new Map([[0, name]]) }] as const)
  return {
    clusterAddrTable: new Map([...info.clusterAddrTable, [cluster, names]]),
    brokerAddrTable: new Map([...info.brokerAddrTable, ...added]),
  }
}

/** The brokers that are expected, and that a name server does not tell of. */
export function missingIn({ brokerAddrTable }: ClusterInfo, expected: readonly string[]): readonly string[] {
  return expected.filter((name) => !brokerAddrTable.has(name))
}

/** Connects as before, but rejects with ConnectionError where the address is the name of an expected broker. */
export function expecting(connect: Connect, expected: readonly string[]): Connect {
  if (expected.length === 0) return connect
  return (address, options) =>
    expected.includes(address)
      ? Promise.reject(new ConnectionError(address, `no name server knows ${address}, which is expected`))
      : connect(address, options)
}
