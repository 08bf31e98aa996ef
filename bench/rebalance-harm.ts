import { existsSync, mkdtempSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { selectQueue } from '../src/core/producer/index.ts'
import { peerClassPath } from '../test/support/cluster/artifacts.ts'
import { clusterClient, clusterProducer } from '../test/support/cluster/client.ts'
import { startCluster } from '../test/support/cluster/cluster.ts'
import { peerArguments } from '../test/support/cluster/java-peer.ts'
import { createTopic } from '../test/support/cluster.ts'
import { ChurningGroup } from './churning-group.ts'

// A group of ours and one of Java consume the same topic of a real broker at the same time, while a member joins and the
// oldest leaves again and again, and prints what the rebalances cost each. Only the ratios mean something.

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    every: { type: 'string', default: '15' },
    rate: { type: 'string', default: '2000' },
    queues: { type: 'string', default: '8' },
    members: { type: 'string', default: '3' },
    takes: { type: 'string', default: '0' },
    handover: { type: 'string', default: '500ms' },
    version: { type: 'string', default: '5.5.0' },
  },
})
const queues = Number(values.queues)
const seconds = Number(values.seconds)
const every = Number(values.every)
const topic = 'BenchRebalance'
const BATCH = 10

const run = path.join(import.meta.dirname, '../bin/run.js')
if (!existsSync(path.join(import.meta.dirname, '../dist/mq.js'))) throw new Error('build it first: npm run build')
process.env['MQ_CLUSTER_JVM'] ??= '-Xmx512m -XX:TieredStopAtLevel=4'
const cluster = await startCluster({ version: values.version })
const classes = await peerClassPath(values.version)
const home = mkdtempSync(path.join(os.tmpdir(), 'bench-rebalance-'))

const ours = new ChurningGroup({
  name: 'mq',
  command: () => [
    ...[process.execPath, run, 'consume', topic, '-n', cluster.namesrv, '-g', 'bench-mq', '--from', 'first'],
    ...['--format', String.raw`%q %o\n`, '--handover', values.handover],
    ...(values.takes === '0' ? [] : ['--sleep', `${values.takes}ms`]),
  ],
  read: (line) => {
    const [queue, offset] = line.split(' ')
    return [Number(queue), Number(offset)]
  },
})
const java = new ChurningGroup({
  name: 'java',
  command: (member) => [
    'java',
    ...peerArguments(classes, path.join(home, String(member)), [
      ...['push', '--namesrv', cluster.namesrv, '--topic', topic, '--group', 'bench-java', '--from', 'first'],
      ...(values.takes === '0' ? [] : ['--sleep', values.takes, '--threads', '20']),
    ]),
  ],
  read: (line) => {
    const [, queue, offset] = /"event":"message".*?"queue":(\d+),"offset":(\d+)/.exec(line) ?? []
    return queue === undefined ? undefined : [Number(queue), Number(offset)]
  },
})
const groups = [ours, java]
process.once('exit', () => {
  for (const group of groups) group.abandon()
  cluster.abandon()
})

await createTopic(cluster, topic, queues)
for (const group of groups) for (let i = 0; i < Number(values.members); i++) group.join()
const stop = new AbortController()
let produced = 0
const producing = produce(stop.signal)
await until(() => groups.every(({ deliveries }) => deliveries.distinct > 0))
// All members are there, and what was produced before they were is consumed.
await sleep(every * 1000)
for (const { deliveries } of groups) deliveries.measure()
const before = groups.map(({ deliveries }) => deliveries.duplicates)
await churn()
for (const { deliveries } of groups) deliveries.end(performance.now())
stop.abort()
await producing
await until(() => groups.every(({ deliveries }) => deliveries.distinct === produced), 30_000)
report()
await Promise.all(groups.map((group) => group.end()))
await cluster.stop()
process.exit()

/** Small batches to each queue in turn, as many as the time that has passed is worth. */
async function produce(signal: AbortSignal): Promise<void> {
  const client = clusterClient(cluster)
  const producer = clusterProducer(client)
  const messages = Array.from({ length: BATCH }, () => ({ topic, body: Buffer.alloc(100, 'x') }))
  const started = performance.now()
  while (!signal.aborted) {
    const due = ((performance.now() - started) / 1000) * Number(values.rate)
    if (produced + BATCH > due) {
      await sleep(2)
      continue
    }
    const selector = selectQueue('broker-a', (produced / BATCH) % queues)
    await producer.sendBatch(messages, { selector })
    produced += BATCH
  }
  await producer.close()
  await client.close()
}

/** In each round a member joins, and half a round later the oldest leaves: in both groups at the same time. */
async function churn(): Promise<void> {
  const leaving: Promise<void>[] = []
  const end = performance.now() + seconds * 1000
  while (performance.now() < end) {
    for (const group of groups) group.join()
    await sleep((every * 1000) / 2)
    for (const group of groups) leaving.push(group.leave())
    await sleep((every * 1000) / 2)
  }
  await Promise.all(leaving)
}

async function until(holds: () => boolean, withinMs = 60_000): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!holds() && performance.now() < deadline) await sleep(50)
}

function report(): void {
  const [mq, peer] = groups.map(({ deliveries }, index) => ({
    duplicates: deliveries.duplicates - (before[index] ?? 0),
    'longest pause of a queue, ms': Math.round(deliveries.longestPauseMs),
    'largest burst, messages in a second': deliveries.largestBurst,
    'never consumed': produced - deliveries.distinct,
  }))
  console.log(
    `${produced} messages, ${values.rate} a second in ${queues} queues, ${values.members} members each, a join and a leave every ${every} s`,
  )
  console.log(`${''.padEnd(36)} ${'mq'.padStart(8)} ${'java'.padStart(8)}   mq / java`)
  for (const [name, value] of Object.entries(mq ?? {})) {
    const other = peer?.[name as keyof typeof peer] ?? 0
    const ratio = other === 0 ? '-' : (value / other).toFixed(2)
    console.log(`${name.padEnd(36)} ${String(value).padStart(8)} ${String(other).padStart(8)}   ${ratio}`)
  }
}
