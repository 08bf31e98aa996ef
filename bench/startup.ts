import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { median } from './contestant.ts'

// How long short commands take against a bare Node process, in turn: `node -e 0`, --version, --help, a small command, and one
// whose connection is refused, with a bare Node process that opens the same connection for comparison.

const runs = Number(process.argv[2] ?? 15)
const mq = path.join(import.meta.dirname, '../bin/run.js')
const CONNECT = "require('net').connect(1, '127.0.0.1').on('error', (error) => process.stderr.write(error.message))"
const commands: readonly { readonly name: string; readonly args: readonly string[] }[] = [
  { name: 'node -e 0', args: ['-e', '0'] },
  { name: 'mq --version', args: [mq, '--version'] },
  { name: 'mq --help', args: [mq, '--help'] },
  { name: 'mq contexts list', args: [mq, 'contexts', 'list', '-o', 'json'] },
  { name: 'node, refused', args: ['-e', CONNECT] },
  { name: 'mq topics list', args: [mq, 'topics', 'list', '-n', '127.0.0.1:1', '-o', 'json'] },
]
const times = new Map<string, number[]>(commands.map(({ name }) => [name, []]))
// NODE_EXTRA_CA_CERTS alone adds 30 ms to Node 20.
const env = { ...process.env, NODE_EXTRA_CA_CERTS: undefined }
for (let run = 0; run <= runs; run++) {
  for (const { name, args } of commands) {
    const started = process.hrtime.bigint()
    spawnSync(process.execPath, args, { stdio: 'ignore', env })
    const millis = Number(process.hrtime.bigint() - started) / 1e6
    // The first round only warms the file cache.
    if (run > 0) times.get(name)?.push(millis)
  }
}
const bare = median(times.get('node -e 0') ?? [])
for (const [name, millis] of times) {
  console.log(
    `${name.padEnd(16)} ${median(millis).toFixed(0).padStart(5)} ms   ${(median(millis) / bare).toFixed(2)} × bare Node`,
  )
}
