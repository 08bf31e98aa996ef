import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { mqadmin } from '../test/support/cluster/cluster.ts'
import { median } from './contestant.ts'

// How long it takes to show the offsets of a group on a running cluster, in turn: mq, a bare Node script that asks the same
// things in the same rounds, and mqadmin consumerProgress.

const { values } = parseArgs({
  options: {
    namesrv: { type: 'string', short: 'n', default: '127.0.0.1:9876' },
    /** Online, with 8 queues or more. */
    group: { type: 'string', short: 'g' },
    /** Of mqadmin. */
    release: { type: 'string', default: '5.5.0' },
    rounds: { type: 'string', default: '15' },
  },
})
const { namesrv, group, release } = values
if (group === undefined) throw new Error('which group? -g GROUP')

// NODE_EXTRA_CA_CERTS alone adds 30 ms to Node 20.
const env = { ...process.env, NODE_EXTRA_CA_CERTS: undefined, MQ_DEBUG: undefined }
const mq = [
  path.join(import.meta.dirname, '../bin/run.js'),
  'offsets',
  'show',
  '-g',
  group,
  '-n',
  namesrv,
  '-o',
  'json',
]
const bare = [path.join(import.meta.dirname, 'peers/offsets-show.mjs'), namesrv, group]

const contestants: readonly { readonly name: string; readonly run: () => Promise<void> | void }[] = [
  { name: 'mq offsets show', run: () => void node(mq) },
  { name: 'bare Node', run: () => void node(bare) },
  {
    name: 'mqadmin consumerProgress',
    run: async () => {
      const { stdout, stderr } = await mqadmin(release, ['consumerProgress', '-g', group, '-n', namesrv])
      // It ends with 0 whatever happens.
      if (!stdout.includes('Diff Total')) throw new Error(`mqadmin told no progress: ${stdout}${stderr}`)
    },
  },
]

compareRequests()
const times = new Map<string, number[]>(contestants.map(({ name }) => [name, []]))
for (let round = 0; round <= Number(values.rounds); round++) {
  // The one that comes first has it easier or harder: each does in turn.
  for (const i of contestants.keys()) {
    const one = contestants[(i + round) % contestants.length]
    const started = process.hrtime.bigint()
    await one?.run()
    const millis = Number(process.hrtime.bigint() - started) / 1e6
    // The first round only warms the file cache.
    if (one !== undefined && round > 0) times.get(one.name)?.push(millis)
  }
}
const medians = new Map([...times].map(([name, millis]) => [name, median(millis)]))
const own = medians.get('mq offsets show') ?? Number.NaN
for (const [name, millis] of medians) {
  const ratio = name.startsWith('mq ') ? '' : `   mq is ${(own / millis).toFixed(3)} × that`
  console.log(`${name.padEnd(24)} ${millis.toFixed(0).padStart(6)} ms${ratio}`)
}

function node(args: readonly string[]): { readonly stdout: string; readonly stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env })
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`)
  return { stdout, stderr }
}

/** Says what both ask, and stops when one asks for something else: then they cannot be compared. */
function compareRequests(): void {
  const tally = (counts: Iterable<readonly [string, number]>): string =>
    [...counts]
      .sort(([a], [b]) => Number(a) - Number(b))
      .map(([code, count]) => `${code} ×${count}`)
      .join(', ')
  const counted = new Map<string, number>()
  for (const [, code = '', count] of node([...mq, '--debug']).stderr.matchAll(/^ +(\d+) \w+ ×(\d+):/gm)) {
    counted.set(code, (counted.get(code) ?? 0) + Number(count))
  }
  const { asked } = JSON.parse(node(bare).stdout) as { readonly asked: Readonly<Record<string, number>> }
  const [ours, theirs] = [tally(counted), tally(Object.entries(asked))]
  if (ours !== theirs) throw new Error(`mq asks ${ours}, bare Node ${theirs}`)
  console.log(`both ask ${ours}`)
}
