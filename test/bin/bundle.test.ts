import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const code = `mq.js.${process.version}-${process.arch}`

function packagesIn(notices: string): RegExpMatchArray[] {
  return [...readFileSync(path.join(root, 'dist', notices), 'utf8').matchAll(/^== (\S+) \S+ \((.+)\)$/gm)]
}

test('the bundle holds neither the screen nor the feed nor the native store, and names what it holds', () => {
  const packages = packagesIn('third-party.txt')
  const names = packages.map(([, name]) => name)

  expect(names).toContain('@oclif/core')
  for (const late of ['ink', 'react', 'react-reconciler', 'ws', 'lmdb']) expect(names).not.toContain(late)
  for (const [line] of packages) expect(line).toMatch(/\((MIT|ISC|BSD-\d-Clause|Apache-2\.0|BlueOak-1\.0\.0)\)$/)
})

test('what draws is a bundle of its own, for production, which only what draws loads', () => {
  const packages = packagesIn('third-party-screen.txt')
  const screen = readFileSync(path.join(root, 'dist/screen.mjs'), 'utf8')
  const loading = readFileSync(path.join(root, 'dist/mq.js'), 'latin1').match(
    /importPackage\(\s*"\.\/screen\.mjs"\s*\)/g,
  )

  expect(packages.map(([, name]) => name)).toEqual(expect.arrayContaining(['ink', 'react', 'yoga-layout']))
  for (const [line] of packages) expect(line).toMatch(/\((MIT|ISC|BSD-\d-Clause|Apache-2\.0)\)$/)
  expect(screen).not.toContain('performance.measure(')
  // The dashboard and its list of feeds, consume --dashboard, the demo.
  expect(loading).toHaveLength(4)
})

// The code is for the Node that has built.
describe.skipIf(!existsSync(path.join(root, 'dist', code)))('the code V8 has compiled', () => {
  let dist = ''

  /** Loads the bundle and runs a command that needs no broker: what V8 says of the code, and what the command says. */
  function load(): { rejected: string; stdout: string } {
    const script = `const { script, exports } = require('./bin/run.js').load(${JSON.stringify(dist)})
process.stderr.write(String(script.cachedDataRejected))
exports.start(['help', 'topics'], ${JSON.stringify(root)}, ${JSON.stringify(dist)})`
    const done = spawnSync(process.execPath, ['-e', script], { cwd: root, encoding: 'utf8' })
    return { rejected: done.stderr, stdout: done.stdout }
  }

  beforeEach(() => {
    dist = mkdtempSync(path.join(os.tmpdir(), 'mq-dist-'))
    const folder = dist
    onTestFinished(() => {
      rmSync(folder, { recursive: true })
    })
    cpSync(path.join(root, 'dist'), dist, { recursive: true, preserveTimestamps: true })
  })

  test('is accepted by the Node that has built', () => {
    expect(load()).toEqual({ rejected: 'false', stdout: expect.stringContaining('topics list') as string })
  })

  test('is not used for a bundle that is newer', () => {
    const later = new Date(Date.now() + 3_600_000)
    utimesSync(path.join(dist, 'mq.js'), later, later)

    expect(load()).toEqual({ rejected: 'undefined', stdout: expect.stringContaining('topics list') as string })
  })

  test('does no harm when it is damaged or missing', () => {
    writeFileSync(path.join(dist, code), 'not code')
    expect(load()).toEqual({ rejected: 'true', stdout: expect.stringContaining('topics list') as string })

    rmSync(path.join(dist, code))
    expect(load()).toEqual({ rejected: 'undefined', stdout: expect.stringContaining('topics list') as string })
  })
})
