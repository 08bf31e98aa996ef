// src → dist: everything that is run in one file, V8's code for it, the help texts, oclif's manifest, and the engine for programs (docs/decisions/0021-one-bundle.md).
// What is there stays in place until the new build is whole, so that a broken source never leaves half a dist.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

process.env.NODE_ENV = 'production'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const at = (name) => path.join(root, name)
const started = new Date()
const compiled = `.dist-${process.pid}-js`
const fresh = `.dist-${process.pid}`
const old = `.dist-${process.pid}-old`

/** Runs a script; its stdout is no terminal. */
function run(...args) {
  const done = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  if (done.status === 0) return
  process.stderr.write(`${done.stdout}${done.stderr}`)
  throw new Error(`${args.join(' ')} failed`)
}

/** What `oclif manifest` does, without that package (docs/decisions/0015-no-oclif-dev-package.md). */
async function readCommands(pjson) {
  const { Plugin } = await import('@oclif/core')
  const oclif = { ...pjson.oclif, commands: `./${compiled}/commands` }
  const options = { ignoreManifest: true, errorOnManifestCreate: true, respectNoCacheDefault: true }
  const plugin = new Plugin({ root, isRoot: true, pjson: { ...pjson, oclif }, ...options })
  await plugin.load()
  // Where the file of a command is does not matter: the bundle knows.
  const commands = Object.entries(plugin.manifest.commands).map(([id, { relativePath, isESM, ...command }]) => [
    id,
    command,
  ])
  return { version: pjson.version, commands: Object.fromEntries(commands.sort(([a], [b]) => (a < b ? -1 : 1))) }
}

async function readNames({ commands }) {
  const { commandNames } = await import(pathToFileURL(at(`${compiled}/cli/command-names.js`)).href)
  return commandNames(commands)
}

async function build() {
  const { bundle } = await import('./bundle/bundle.mjs')
  const pjson = JSON.parse(readFileSync(at('package.json'), 'utf8'))
  run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.json', '--outDir', compiled)
  const manifest = await readCommands(pjson)
  mkdirSync(at(fresh))
  await bundle({ root, compiled: at(compiled), dist: at(fresh), names: await readNames(manifest) })
  writeFileSync(at(`${fresh}/oclif.manifest.json`), JSON.stringify(manifest))
  run('scripts/bundle/help-texts.mjs', fresh)
  run('scripts/bundle/code-cache.mjs', fresh)
  keepLibrary()
  // A source that changes while this runs is newer than the build.
  utimesSync(at(`${fresh}/oclif.manifest.json`), started, started)
}

/** What programs import (package.json's exports): the modules as they were compiled, with their types. */
function keepLibrary() {
  mkdirSync(at(`${fresh}/lib`))
  const files = readdirSync(at(compiled)).filter((name) => name === 'core' || name.startsWith('index.'))
  for (const name of files) renameSync(at(`${compiled}/${name}`), at(`${fresh}/lib/${name}`))
}

function swap() {
  try {
    renameSync(at('dist'), at(old))
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
  renameSync(at(fresh), at('dist'))
}

try {
  await build()
  swap()
} finally {
  for (const folder of [compiled, fresh, old]) rmSync(at(folder), { recursive: true, force: true })
}
