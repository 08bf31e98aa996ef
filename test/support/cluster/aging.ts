import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { vi } from 'vitest'
import type { ClientInstance } from '../../../src/core/client/index.ts'
import type { Producer } from '../../../src/core/producer/index.ts'
import { type Cluster, startCluster } from './cluster.ts'
import { createTopic } from './remoting.ts'

const LOG_FILE_BYTES = 128 * 1024

/** Starts a cluster whose old messages go as soon as somebody asks: small log files, of which only the newest stays. */
export function startAgingCluster(version: string, settings: Readonly<Record<string, string>> = {}): Promise<Cluster> {
  const aging = { mappedFileSizeCommitLog: String(LOG_FILE_BYTES), fileReservedTime: '0', deleteWhen: '99' }
  return startCluster({ version, settings: { ...aging, ...settings } })
}

/**
 * Makes what is stored now old, and what comes next young: fills the log up to the beginning of a file, with enough of
 * it left for 60 KiB.
 */
export async function fillLogFile(cluster: Cluster, client: ClientInstance, producer: Producer): Promise<void> {
  const topic = 'filler'
  await createTopic(cluster, topic, 1)
  const first = await logEnd(cluster, client)
  for (;;) {
    const end = await logEnd(cluster, client)
    if (end - first > 2 * LOG_FILE_BYTES && end % LOG_FILE_BYTES < LOG_FILE_BYTES / 2) return
    for (let i = 0; i < 16; i++) await producer.send({ topic, body: Buffer.alloc(1024, 'x') })
  }
}

/**
 * Has the broker delete all log files but the newest, and resolves when `isGone` says so. Brokers look after their
 * files for the first time a minute after they have started.
 */
export async function deleteOldFiles(cluster: Cluster, isGone: () => Promise<boolean>): Promise<void> {
  const { status, stderr } = await cluster.mqadmin(['deleteExpiredCommitLog', '-b', cluster.brokerAddress])
  if (status !== 0) throw new Error(stderr)
  await vi.waitUntil(isGone, { timeout: 120_000, interval: 500 })
}

/** The offset of queue 0 that a broker has stored for a group, as its file says: a 4.9 one answers 0 for none. */
export async function storedOffset(cluster: Cluster, group: string, topic: string): Promise<number | undefined> {
  const file = path.join(cluster.directory, 'store', 'config', 'consumerOffset.json')
  const text = await readFile(file, 'utf8').catch(() => '')
  const entry = text.split(`"${topic}@${group}"`)[1]
  const offset = /^\s*:\s*\{[^}]*?\b0"?\s*:\s*(\d+)/.exec(entry ?? '')?.[1]
  return offset === undefined ? undefined : Number(offset)
}

/** A time as Java clients are given it. */
export function javaTime(time: Date): string {
  const parts = [time.getMonth() + 1, time.getDate(), time.getHours(), time.getMinutes(), time.getSeconds()]
  return `${time.getFullYear()}${parts.map((part) => String(part).padStart(2, '0')).join('')}`
}

async function logEnd(cluster: Cluster, client: ClientInstance): Promise<number> {
  const { body } = await client.remoting.invoke(cluster.brokerAddress, 'getBrokerRuntimeInfo', {})
  const end = Number(body.table.get('commitLogMaxOffset'))
  if (!Number.isFinite(end)) throw new Error('the broker does not tell the end of its log')
  return end
}
