// Makes a fresh clone ready: `node scripts/prepare.mjs [--build]`. Uses nothing but Node, since nothing is installed yet.
// Talks on stderr only, so that what runs after it owns stdout.
import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const at = (name) => path.join(root, name)

/** When a file or folder was last changed; before everything else when it is not there. */
function changed(name) {
  return statSync(at(name), { throwIfNoEntry: false })?.mtimeMs ?? Number.NEGATIVE_INFINITY
}

/** The newest change of anything in a folder, the folders included: those change when a file is removed. */
function newest(folder) {
  const inside = readdirSync(at(folder), { withFileTypes: true }).map((entry) => {
    const name = path.join(folder, entry.name)
    return entry.isDirectory() ? newest(name) : changed(name)
  })
  return Math.max(changed(folder), ...inside)
}

/** Runs a step without a word, unless it fails: then everything it said is shown and this process ends as it did. */
function step(title, args) {
  process.stderr.write(`${title} …\n`)
  const done = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 })
  if (done.status === 0) return
  process.stderr.write(`${done.stdout}${done.stderr}\n${title}: ${done.error?.message ?? 'failed'}\n`)
  process.exit(done.status ?? 1)
}

/** npm as a script for this very Node: the one that runs us, else the one installed beside Node. */
function npmCli() {
  const beside = path.join(path.dirname(process.execPath), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js')
  return process.env.npm_execpath ?? beside
}

// npm writes this file last: without it an installation was cut short.
if (changed('node_modules/.package-lock.json') < changed('package-lock.json')) {
  step('Installing packages (npm ci)', [npmCli(), 'ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'])
}

if (process.argv.includes('--build')) {
  const files = ['package.json', 'tsconfig.json', 'tsconfig.base.json', 'bin/run.js', 'scripts/build.mjs'].map(changed)
  const sources = Math.max(
    newest('src'),
    newest('scripts/bundle'),
    changed('node_modules/.package-lock.json'),
    ...files,
  )
  // The build dates this file to when it began.
  if (changed('dist/oclif.manifest.json') < sources) {
    step('Building', ['scripts/build.mjs'])
  }
}
