import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

const script = fileURLToPath(new URL('../../scripts/sum-reports.mjs', import.meta.url))

interface FileResult {
  readonly status: string
  readonly tests: readonly string[]
}

function sum(checks: string, ...runs: (readonly FileResult[] | 'absent')[]): { stdout: string; status: number | null } {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'mq-sum-'))
  onTestFinished(() => {
    rmSync(folder, { recursive: true })
  })
  writeFileSync(path.join(folder, 'checks'), checks)
  const reports = runs.map((files, i) => {
    const file = path.join(folder, `${i}.json`)
    if (files !== 'absent') writeFileSync(file, JSON.stringify(report(files)))
    return file
  })
  return spawnSync(process.execPath, [script, path.join(folder, 'checks'), ...reports], { encoding: 'utf8' })
}

function report(files: readonly FileResult[]): unknown {
  return {
    success: files.every(({ status }) => status === 'passed'),
    testResults: files.map(({ status, tests }) => ({
      status,
      assertionResults: tests.map((test) => ({ status: test })),
    })),
  }
}

test('checks and the tests of all runs are summed', () => {
  const { stdout, status } = sum(
    'passed\npassed\n',
    [{ status: 'passed', tests: ['passed', 'passed', 'skipped'] }],
    [{ status: 'passed', tests: ['passed', 'pending', 'todo'] }],
  )

  expect(stdout).toBe('5 passed, 0 failed, 3 skipped\n')
  expect(status).toBe(0)
})

test.each([
  ['a check', 'passed\nfailed\n', [{ status: 'passed', tests: ['passed'] }], '2 passed, 1 failed, 0 skipped\n'],
  ['a test', 'passed\n', [{ status: 'failed', tests: ['passed', 'failed'] }], '2 passed, 1 failed, 0 skipped\n'],
  ['a file that cannot be loaded', 'passed\n', [{ status: 'failed', tests: [] }], '1 passed, 1 failed, 0 skipped\n'],
  ['a run without a report', 'passed\n', 'absent', '1 passed, 1 failed, 0 skipped\n'],
] as const)('%s that fails is counted, and fails the sum', (_, checks, files, line) => {
  const { stdout, status } = sum(checks, files)

  expect(stdout).toBe(line)
  expect(status).toBe(1)
})
