import { randomUUID } from 'node:crypto'
import { describe, inject } from 'vitest'
import { Cluster, type ClusterAddress } from './cluster/cluster.ts'

export { type Cluster, type ClusterOptions, startCluster } from './cluster/cluster.ts'
export type { JavaPeer, PeerEvent, PeerMessage, PeerSent } from './cluster/java-peer.ts'
export { createTopic, remotingClient } from './cluster/remoting.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The clusters of this run, or why there are none; nothing outside `npm run test:cluster`. */
    clusters: readonly ClusterAddress[] | string | undefined
  }
}

/**
 * Describes behaviour against a real Apache RocketMQ, once for each version of the run (`MQ_CLUSTER`). All test files
 * of a run share one cluster a version, so use names of your own ({@link unique}); whoever breaks or configures a
 * broker starts one with `startCluster`. Where there is no cluster the tests are skipped and say why.
 */
export function describeCluster(title: string, body: (cluster: Cluster) => void): void {
  const clusters = inject('clusters')
  if (typeof clusters === 'object') {
    for (const address of clusters) {
      describe(`${title}, Apache RocketMQ ${address.version}`, () => {
        body(new Cluster(address))
      })
    }
    return
  }
  describe.skip(`${title}, Apache RocketMQ (${clusters ?? 'run npm run test:cluster'})`, () => {
    body(new Cluster({ version: '', directory: '', namesrv: '', brokerAddress: '', temporary: false }))
  })
}

/** A name for a topic or a group that no other test has. */
export function unique(name: string): string {
  return `${name}-${randomUUID().slice(0, 8)}`
}
