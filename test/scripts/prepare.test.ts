import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'

const prepare = fileURLToPath(new URL('../../scripts/prepare.mjs', import.meta.url))

// A clone with stand-ins for npm and for the build, which note that they were called.
const npm = "require('node:fs').appendFileSync('calls', 'npm ' + process.argv.slice(2, 4).join(' ') + '\\n')"
const build = `import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
appendFileSync('calls', 'build\\n')
console.log('compiling')
mkdirSync('dist', { recursive: true })
writeFileSync('dist/oclif.manifest.json', '{}')`

let clone = ''

function put(file: string, text: string, age = 0): void {
  mkdirSync(path.dirname(path.join(clone, file)), { recursive: true })
  writeFileSync(path.join(clone, file), text)
  const changed = new Date(Date.now() - age)
  utimesSync(path.join(clone, file), changed, changed)
}

function age(file: string, ms: number): void {
  const changed = new Date(Date.now() - ms)
  utimesSync(path.join(clone, file), changed, changed)
}

function run(...args: string[]): { status: number | null; stdout: string; stderr: string; calls: string[] } {
  rmSync(path.join(clone, 'calls'), { force: true })
  const env = { ...process.env, npm_execpath: path.join(clone, 'npm.cjs') }
  const done = spawnSync(process.execPath, [path.join(clone, 'scripts/prepare.mjs'), ...args], {
    cwd: clone,
    encoding: 'utf8',
    env,
  })
  const calls = path.join(clone, 'calls')
  return { ...done, calls: existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : [] }
}

const hour = 3_600_000

beforeEach(() => {
  clone = mkdtempSync(path.join(os.tmpdir(), 'mq-prepare-'))
  const folder = clone
  onTestFinished(() => {
    rmSync(folder, { recursive: true })
  })
  mkdirSync(path.join(clone, 'scripts'))
  cpSync(prepare, path.join(clone, 'scripts/prepare.mjs'))
  put('scripts/build.mjs', build, 3 * hour)
  put('npm.cjs', npm)
  const configuration = ['package.json', 'tsconfig.json', 'tsconfig.base.json', 'package-lock.json']
  for (const file of [...configuration, 'bin/run.js', 'scripts/bundle/y.mjs', 'src/cli/x.ts']) put(file, '{}', 3 * hour)
  for (const folder of ['scripts/bundle', 'src/cli', 'src']) age(folder, 3 * hour)
})

describe('a fresh clone', () => {
  test('is installed from the lock file and built, without a word on stdout', () => {
    const { status, stdout, stderr, calls } = run('--build')

    expect(calls).toEqual(['npm ci --include=dev', 'build'])
    expect(stdout).toBe('')
    expect(stderr).toBe('Installing packages (npm ci) …\nBuilding …\n')
    expect(status).toBe(0)
  })

  test('is not built unless asked', () => {
    expect(run().calls).toEqual(['npm ci --include=dev'])
  })
})

describe('a clone that was prepared', () => {
  beforeEach(() => {
    put('node_modules/.package-lock.json', '{}', 2 * hour)
    put('dist/oclif.manifest.json', '{}', hour)
  })

  test('is left alone', () => {
    expect(run('--build')).toMatchObject({ calls: [], stderr: '', status: 0 })
  })

  test('is installed and built again when the lock file has changed', () => {
    put('package-lock.json', '{}')

    const { calls } = run('--build')

    expect(calls[0]).toBe('npm ci --include=dev')
  })

  test.each(['src/cli/x.ts', 'scripts/bundle/y.mjs', 'bin/run.js'])('is built again when %s has changed', (file) => {
    put(file, 'new')

    expect(run('--build').calls).toEqual(['build'])
    expect(run('--build').calls).toEqual([])
  })

  test('is built again when a source has gone', () => {
    rmSync(path.join(clone, 'src/cli/x.ts'))

    expect(run('--build').calls).toEqual(['build'])
  })

  test('shows all a failing build said, and fails as it did', () => {
    put('src/cli/x.ts', 'broken')
    put('scripts/build.mjs', "console.log('src/cli/x.ts(1,1): error')\nconsole.error('gave up')\nprocess.exit(2)")

    const { status, stderr } = run('--build')

    expect(stderr).toContain('src/cli/x.ts(1,1): error\ngave up\n')
    expect(status).toBe(2)
  })
})
