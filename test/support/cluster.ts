import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, inject } from 'vitest'
import { Cluster, type ClusterAddress } from './cluster/cluster.ts'
import { ServedBroker } from './cluster/served-broker.ts'

export { type Cluster, type ClusterOptions, startAnotherBroker, startCluster } from './cluster/cluster.ts'
export type { JavaPeer, PeerEvent, PeerMessage, PeerSent } from './cluster/java-peer.ts'
export { createTopic, remotingClient } from './cluster/remoting.ts'
export type { ServedBroker } from './cluster/served-broker.ts'

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

/**
 * Describes what Apache RocketMQ's own clients and tools do at the embedded broker, once for each version of the run. The
 * broker is `mq broker start` on disk, one for all tests of the body, and serves from before the first until after the last.
 */
export function describeServedBroker(title: string, body: (broker: ServedBroker) => void): void {
  const clusters = inject('clusters')
  if (typeof clusters !== 'object') {
    describe.skip(`${title}, Apache RocketMQ's clients (${clusters ?? 'run npm run test:cluster'})`, () => {
      body(new ServedBroker('', ''))
    })
    return
  }
  for (const { version } of clusters) {
    describe(`${title}, Apache RocketMQ's clients of ${version}`, () => {
      const folder = mkdtempSync(path.join(os.tmpdir(), 'mq-served-'))
      const broker = new ServedBroker(version, path.join(folder, 'data'))
      beforeAll(() => broker.start())
      afterAll(async () => {
        await broker.stop()
        rmSync(folder, { recursive: true, force: true })
      })
      body(broker)
    })
  }
}

/** A name for a topic or a group that no other test has. */
export function unique(name: string): string {
  return `${name}-${randomUUID().slice(0, 8)}`
}
