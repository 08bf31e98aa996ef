import { spawnSync } from 'node:child_process'
import { accessSync, constants, cpSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'

const run = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

function mq(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [run, ...args], { encoding: 'utf8' })
}

// These run what was built: `npm test` builds first.
describe('bin/run.js', () => {
  test('can be executed as it is', () => {
    expect(() => {
      accessSync(run, constants.X_OK)
    }).not.toThrow()
  })

  test.each(['--version', '-v'])('%s prints name, version, platform and Node', (flag) => {
    const { status, stdout, stderr } = mq(flag)

    expect(stdout).toBe(`mq/${version} ${process.platform}-${process.arch} node-${process.version}\n`)
    expect(stderr).toBe('')
    expect(status).toBe(0)
  })

  // Nobody listens on port 1, so a command is loaded whole and then ends.
  test.each([
    '--version',
    '--help',
    'topics list --help',
    'nope',
    'topics list -n 127.0.0.1:1',
    'consume orders -n 127.0.0.1:1',
  ])('%s opens no file of a package', (line) => {
    const { stderr } = spawnSync(process.execPath, [run, ...line.split(' ')], {
      encoding: 'utf8',
      env: { ...process.env, NODE_DEBUG: 'esm,module' },
      maxBuffer: 1 << 28,
    })

    expect(stderr).toContain('bin/run.js')
    expect(/\/node_modules\/.*/.exec(stderr)?.[0]).toBeUndefined()
  })

  test('--help shows what it is', () => {
    const { status, stdout } = mq('--help')

    expect(stdout).toContain('USAGE')
    expect(status).toBe(0)
  })

  test.skipIf(process.platform !== 'linux')('a full disk behind stdout is a sentence and exit code 1', () => {
    const full = openSync('/dev/full', 'w')

    const { status, stderr } = spawnSync(process.execPath, [run, '--help'], {
      encoding: 'utf8',
      stdio: ['ignore', full, 'pipe'],
    })

    expect(stderr).toMatch(/^cannot write to stdout: ENOSPC/)
    expect(stderr).not.toContain('    at ')
    expect(status).toBe(1)
  })

  test('says so when nothing is built', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'mq-unbuilt-'))
    onTestFinished(() => {
      rmSync(folder, { recursive: true })
    })
    cpSync(path.dirname(run), path.join(folder, 'bin'), { recursive: true })

    const { status, stderr } = spawnSync(process.execPath, [path.join(folder, 'bin/run.js'), 'topics', 'list'], {
      encoding: 'utf8',
    })

    expect(stderr).toMatch(/^error: mq cannot be loaded: .*ENOENT.*\n {2}build it with npm run build\n$/)
    expect(status).toBe(1)
  })
})
