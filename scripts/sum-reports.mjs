// `node scripts/sum-reports.mjs CHECKS REPORT…` sums a file of `passed` and `failed` lines and vitest's JSON reports, and prints
// `N passed, N failed, N skipped`. A report that is missing, or a run that failed without a failed test, is a failure.
import { readFileSync } from 'node:fs'

const [checks, ...reports] = process.argv.slice(2)

function countChecks(file) {
  const lines = readFileSync(file, 'utf8').split('\n')
  const count = (word) => lines.filter((line) => line === word).length
  return { passed: count('passed'), failed: count('failed'), skipped: 0 }
}

function countTests(file) {
  const report = readReport(file)
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 }
  const states = report.testResults.flatMap((result) => result.assertionResults.map((test) => test.status))
  const passed = states.filter((state) => state === 'passed').length
  const failed = states.filter((state) => state === 'failed').length
  // A file that cannot be loaded fails without having a test.
  const broken = report.testResults.filter(
    (result) => result.status === 'failed' && !result.assertionResults.some((test) => test.status === 'failed'),
  ).length
  const silent = !report.success && failed + broken === 0 ? 1 : 0
  return { passed, failed: failed + broken + silent, skipped: states.length - passed - failed }
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    console.error(`no report of a test run: ${error.message}`)
    return undefined
  }
}

const counts = [countChecks(checks), ...reports.map(countTests)]
const sum = (name) => counts.reduce((total, count) => total + count[name], 0)
console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`)
process.exitCode = sum('failed') === 0 ? 0 : 1
