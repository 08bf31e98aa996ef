import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const program = fileURLToPath(new URL('../support/programs/screen-soak.ts', import.meta.url))

test('a screen that is drawn for ten minutes keeps nothing of what is gone, and React no measurements', () => {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--expose-gc', '--import', 'tsx', program], {
    env: { PATH: process.env['PATH'], NODE_ENV: 'production' },
    encoding: 'utf8',
  })

  expect([status, stderr]).toEqual([0, ''])
  const told = JSON.parse(stdout) as { heapEarly: number; heapLate: number; measures: number }
  expect(told.measures).toBe(0)
  expect(told.heapLate - told.heapEarly).toBeLessThan(6_000_000)
})
