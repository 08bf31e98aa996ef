// `node scripts/bundle/code-cache.mjs DIST` keeps the code V8 has compiled of DIST/mq.js when a small command has run, for the
// next runs of this very Node to start with. What it did not run is compiled when it is needed, as ever.
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const runner = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
const dist = path.resolve(process.argv[2])

/** A broker for it to ask: in a process of its own, whose code does not count. */
function startBroker() {
  const args = ['broker', 'start', '--in-memory', '--port', '0', '--output', 'json']
  const script = `require(${JSON.stringify(runner)}).load(${JSON.stringify(dist)}).exports.start(${JSON.stringify([args, root, dist]).slice(1, -1)})`
  return spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
}

async function firstLine(stream) {
  for await (const line of createInterface({ input: stream })) return JSON.parse(line)
  throw new Error('the broker did not start')
}

const broker = startBroker()
try {
  const { namesrv } = await firstLine(broker.stdout)
  const { exports, script } = createRequire(import.meta.url)(runner).load(dist)
  await exports.start(['topics', 'list', '--all', '--namesrv', namesrv], root, dist)
  writeFileSync(path.join(dist, `mq.js.${process.version}-${process.arch}`), script.createCachedData())
} finally {
  broker.kill()
}
