// `node scripts/bundle/help-texts.mjs DIST` renders the help of everything there is into DIST/help, as bin/run.js prints it where
// stdout is no terminal. Its own must be none, for oclif looks at that.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const dist = path.resolve(process.argv[2])
const { start } = createRequire(import.meta.url)('../../bin/run.js').load(dist).exports
const { name, version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
const { commands } = JSON.parse(readFileSync(path.join(dist, 'oclif.manifest.json'), 'utf8'))

/** Everything that has a help: commands, their aliases, and the topics they are in. */
function subjects() {
  const ids = Object.values(commands).flatMap((command) => [command.id, ...command.aliases])
  const beginnings = ids.flatMap((id) => id.split(':').map((_, at, words) => words.slice(0, at + 1).join(' ')))
  return [...new Set(['', ...beginnings])].map((subject) => subject.split(' ').filter((word) => word !== ''))
}

async function render(words) {
  const chunks = []
  const { write } = process.stdout
  process.stdout.write = (chunk) => chunks.push(chunk) > 0
  try {
    await start([...words, '--help'], root, dist)
  } finally {
    process.stdout.write = write
  }
  if (process.exitCode) throw new Error(`no help of '${words.join(' ')}'`)
  return chunks.join('')
}

if (process.stdout.isTTY) throw new Error('stdout is a terminal')
mkdirSync(path.join(dist, 'help'))
for (const words of subjects()) {
  const text = await render(words)
  // The version of Node is that of the run.
  const anyVersion = text.replace(
    `${name}/${version} ${process.platform}-${process.arch} node-${process.version}`,
    '{version}',
  )
  writeFileSync(path.join(dist, 'help', `${['mq', ...words].join(' ')}.txt`), anyVersion)
}
