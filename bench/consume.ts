import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { classPath } from '../test/support/cluster/artifacts.ts'
import { startCluster } from '../test/support/cluster/cluster.ts'
import { type Contestant, type Cost, measure, median } from './contestant.ts'
import { fill } from './fill.ts'

// Consumes the same messages from the same real broker with our consumer, the Java client and ali-ons, in turn, and
// prints what each took and the ratios. Everything runs on this machine, so only the ratios mean something.

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '1000000' },
    size: { type: 'string', default: '1024' },
    queues: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '3' },
    version: { type: 'string', default: '5.5.0' },
    only: { type: 'string' },
  },
})
const count = Number(values.messages)
const topic = 'BenchConsume'
const here = import.meta.dirname

process.env['MQ_CLUSTER_JVM'] = '-Xmx1g -XX:TieredStopAtLevel=4'
const aliOns = path.join(here, 'peers/ali-ons')
if (!existsSync(path.join(aliOns, 'node_modules'))) execFileSync('npm', ['ci'], { cwd: aliOns, stdio: 'inherit' })
const jars = await classPath(values.version)
const classes = mkdtempSync(path.join(os.tmpdir(), 'bench-classes-'))
execFileSync('javac', ['-nowarn', '-d', classes, '-cp', jars, path.join(here, 'peers/Drain.java')])
const cluster = await startCluster({ version: values.version, settings: { mappedFileSizeCommitLog: '1073741824' } })
process.once('exit', () => {
  cluster.abandon()
})

function java(name: string, heap: string): Contestant {
  const home = `-Drocketmq.client.logRoot=${classes}`
  return {
    name,
    command: (run) => [
      ...['java', heap, home, '-cp', `${classes}${path.delimiter}${jars}`, 'Drain'],
      ...[cluster.namesrv, run.topic, run.group, String(run.count)],
    ],
  }
}

const contestants: readonly Contestant[] = [
  {
    name: 'mq',
    command: (run) => [
      ...[process.execPath, path.join(here, '../bin/run.js'), 'consume', 'topic', run.topic, '-n', cluster.namesrv],
      ...['-g', run.group, '--from', 'first', '--until-caught-up', '-o', 'none', '--summary', 'json'],
    ],
  },
  java('java', '-Xmx1g'),
  java('java -Xmx48m', '-Xmx48m'),
  java('java -Xmx64m', '-Xmx64m'),
  java('java -Xmx96m', '-Xmx96m'),
  {
    name: 'ali-ons',
    command: (run) => [
      ...[process.execPath, path.join(aliOns, 'drain.mjs'), cluster.namesrv, run.topic, run.group, String(run.count)],
    ],
  },
]

await fill({ namesrv: cluster.namesrv, topic, count, size: Number(values.size), queues: Number(values.queues) })
const costs = new Map<string, Cost[]>(contestants.map(({ name }) => [name, []]))
for (let round = 1; round <= Number(values.rounds); round++) {
  for (const contestant of contestants) {
    if (values.only !== undefined && !values.only.split(',').includes(contestant.name)) continue
    const cost = await measure(contestant, {
      topic,
      group: `bench-${contestant.name.replace(/\W/g, '')}-${round}`,
      count,
    })
    costs.get(contestant.name)?.push(cost)
    console.log(
      `round ${round}  ${cost.name.padEnd(14)} ${(cost.messagesPerSecond / 1000).toFixed(0).padStart(5)} k msg/s` +
        `  ${cost.cpuMicrosPerMessage.toFixed(2).padStart(6)} µs CPU/msg  ${cost.peakMegabytes.toFixed(0).padStart(5)} MB`,
    )
  }
}
report()
await cluster.stop()

function of(name: string, figure: (cost: Cost) => number): number {
  return median((costs.get(name) ?? []).map(figure))
}

function report(): void {
  const rate = (cost: Cost): number => cost.messagesPerSecond
  const cpu = (cost: Cost): number => cost.cpuMicrosPerMessage
  const memory = (cost: Cost): number => cost.peakMegabytes
  const heaps = ['java -Xmx48m', 'java -Xmx64m', 'java -Xmx96m', 'java']
  // The smallest heap that keeps at least 90 % of the rate of the large one.
  const smallest = heaps.find((name) => of(name, rate) >= 0.9 * of('java', rate)) ?? 'java'
  console.log(
    `\nmedians of ${values.rounds} rounds, ${count} messages of ${values.size} bytes, ${values.queues} queues`,
  )
  console.log(`rate    mq / java      ${(of('mq', rate) / of('java', rate)).toFixed(2)}`)
  console.log(`rate    mq / ali-ons   ${(of('mq', rate) / of('ali-ons', rate)).toFixed(2)}`)
  console.log(`CPU     mq / java      ${(of('mq', cpu) / of('java', cpu)).toFixed(2)}`)
  console.log(`CPU     mq / ali-ons   ${(of('mq', cpu) / of('ali-ons', cpu)).toFixed(2)}`)
  console.log(`memory  mq / ${smallest.padEnd(9)} ${(of('mq', memory) / of(smallest, memory)).toFixed(2)}`)
}
