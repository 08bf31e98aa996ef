import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { type Contestant, type Cost, measure, median } from './contestant.ts'
import { fill } from './fill.ts'

// What telemetry costs a consumer: the same messages drained with nobody watching, with a feed that nobody reads (which has
// its start only), with a reader of the feed at five snapshots a second, and with the dashboard drawn beside it, in turn. With --before, also by an earlier
// build, to see what it costs where nobody listens.

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '1000000' },
    size: { type: 'string', default: '128' },
    queues: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '7' },
    /** bin/run.js of another build. */
    before: { type: 'string' },
  },
})
const count = Number(values.messages)
const topic = 'BenchTelemetry'
const mq = path.join(import.meta.dirname, '../bin/run.js')
const folder = mkdtempSync(path.join(os.tmpdir(), 'mq-bench-'))
process.env['MQ_STATE_DIR'] = folder

const broker = spawn(process.execPath, [mq, 'broker', 'start', '--in-memory', '--port', '0', '-o', 'json'], {
  stdio: ['ignore', 'pipe', 'ignore'],
})
const [told] = (await once(broker.stdout, 'data')) as [Buffer]
const { namesrv } = JSON.parse(told.toString()) as { namesrv: string }

let reader: ChildProcess | undefined
let snapshots = 0

const contestants: readonly Contestant[] = [
  ...(values.before === undefined ? [] : [contestant('before', values.before)]),
  contestant('nobody', mq),
  contestant('unread', mq, '--feed'),
  {
    ...contestant('feed', mq, '--feed'),
    started: (child) => {
      let said = ''
      child.stderr.on('data', (more: Buffer) => {
        said += more.toString()
        if (reader !== undefined || !said.includes('feed of this consumer')) return
        const args = [mq, 'feed', 'tail', String(child.pid), '--rate', '5', '-o', 'jsonl']
        reader = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
        reader.stdout?.on('data', (lines: Buffer) => (snapshots += lines.toString().split('\n').length - 1))
      })
      child.once('exit', () => {
        reader?.kill()
        reader = undefined
      })
    },
  },
  { name: 'screen', command: (run) => onTerminal(drain(mq, run, '--dashboard')) },
]

try {
  await fill({ namesrv, topic, count, size: Number(values.size), queues: Number(values.queues) })
  report(await rounds())
} finally {
  broker.kill()
  rmSync(folder, { recursive: true, force: true })
}

function contestant(name: string, script: string, ...flags: string[]): Contestant {
  return { name, command: (run) => drain(script, run, ...flags) }
}

function drain(script: string, run: { readonly topic: string; readonly group: string }, ...flags: string[]): string[] {
  return [
    ...[process.execPath, script, 'consume', 'topic', run.topic, '-n', namesrv, '-g', run.group, ...flags],
    ...['--from', 'first', '--until-caught-up', '-o', 'none', '--summary', 'json'],
  ]
}

/** Gives a command a terminal of its own (script of util-linux); what it says on stderr comes last. */
function onTerminal(command: readonly string[]): string[] {
  const said = path.join(folder, 'stderr')
  return ['script', '-qec', `stty cols 120 rows 40; ${command.join(' ')} 2>${said}; echo; cat ${said}`, '/dev/null']
}

async function rounds(): Promise<Cost[][]> {
  const all: Cost[][] = []
  for (let round = 1; round <= Number(values.rounds); round++) {
    const costs: Cost[] = []
    // The one that comes first has it easier or harder: each does in turn.
    const order = contestants.map((_, i) => contestants[(i + round) % contestants.length] as Contestant)
    for (const one of order) costs.push(await measure(one, { topic, group: `bench-${one.name}-${round}`, count }))
    all.push(costs)
    for (const { name, messagesPerSecond, cpuMicrosPerMessage } of costs) {
      const rate = `${(messagesPerSecond / 1000).toFixed(0).padStart(5)} k msg/s`
      console.log(`round ${round}  ${name.padEnd(8)} ${rate}  ${cpuMicrosPerMessage.toFixed(3)} µs CPU/msg`)
    }
  }
  return all
}

function report(all: readonly (readonly Cost[])[]): void {
  const ratios = (a: string, b: string, figure: (cost: Cost) => number): string => {
    const each = all.map((costs) => {
      const [one, other] = [a, b].map((wanted) => costs.find(({ name }) => name === wanted))
      return one === undefined || other === undefined ? Number.NaN : figure(one) / figure(other)
    })
    return `${median(each).toFixed(3)} (${Math.min(...each).toFixed(3)}–${Math.max(...each).toFixed(3)})`
  }
  const before = values.before === undefined ? [] : [['nobody', 'before'] as const]
  const pairs = [...before, ['unread', 'nobody'] as const, ['feed', 'unread'] as const, ['feed', 'nobody'] as const]
  console.log(
    `\nmedians of the ratios of ${values.rounds} rounds (lowest–highest), ${count} messages of ${values.size} bytes`,
  )
  for (const [a, b] of pairs) {
    console.log(`rate  ${a} / ${b}  ${ratios(a, b, ({ messagesPerSecond }) => messagesPerSecond)}`)
    console.log(`CPU   ${a} / ${b}  ${ratios(a, b, ({ cpuMicrosPerMessage }) => cpuMicrosPerMessage)}`)
  }
  // What is measured of its CPU is that of the terminal.
  console.log(`rate  screen / nobody  ${ratios('screen', 'nobody', ({ messagesPerSecond }) => messagesPerSecond)}`)
  console.log(`snapshots and events read: ${snapshots}`)
}
