// src → dist, and the manifest that lets oclif find a command without loading all of them.
// What is there stays in place until the new build has compiled, so that a broken source never leaves half a dist.
import { spawnSync } from 'node:child_process'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const at = (name) => path.join(root, name)
const fresh = `.dist-${process.pid}`
const old = `.dist-${process.pid}-old`

function compile() {
  const tsc = at('node_modules/typescript/bin/tsc')
  const done = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.json', '--outDir', fresh], {
    cwd: root,
    stdio: 'inherit',
  })
  if (done.status === 0) return
  rmSync(at(fresh), { recursive: true, force: true })
  process.exit(done.status ?? 1)
}

function swap() {
  rmSync(at('oclif.manifest.json'), { force: true })
  try {
    renameSync(at('dist'), at(old))
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
  renameSync(at(fresh), at('dist'))
  rmSync(at(old), { recursive: true, force: true })
}

/** What `oclif manifest` does, without that package (docs/decisions/0015-no-oclif-dev-package.md). */
async function writeManifest() {
  process.env.NODE_ENV = 'production'
  const { Plugin } = await import('@oclif/core')
  const options = { ignoreManifest: true, errorOnManifestCreate: true, respectNoCacheDefault: true }
  const plugin = new Plugin({ root, type: 'core', ...options })
  await plugin.load()
  writeFileSync(at('oclif.manifest.json'), `${JSON.stringify(plugin.manifest, null, 2)}\n`)
}

compile()
swap()
await writeManifest()
