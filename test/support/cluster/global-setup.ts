import type { TestProject } from 'vitest/node'
import { obstacle } from './artifacts.ts'
import { type Cluster, startCluster } from './cluster.ts'

/** Starts one cluster for each version of `MQ_CLUSTER` before any cluster test, and stops them after the last. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const problem = await obstacle()
  if (problem !== undefined) {
    if (process.env['MQ_CLUSTER_REQUIRED'] === '1') throw new Error(`the cluster tests are required, but ${problem}`)
    console.warn(`The tests against a real Apache RocketMQ are skipped: ${problem}.`)
    project.provide('clusters', problem)
    return undefined
  }
  const running: Cluster[] = []
  // Also when this process is made to exit before its teardown.
  process.once('exit', () => {
    for (const cluster of running) cluster.abandon()
  })
  for (const version of (process.env['MQ_CLUSTER'] ?? '5.5.0,4.9.7').split(',')) {
    running.push(await startCluster({ version: version.trim() }))
  }
  project.provide(
    'clusters',
    running.map(({ address }) => address),
  )
  return async () => {
    await Promise.all(running.map((cluster) => cluster.stop()))
  }
}
