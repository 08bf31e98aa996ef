import { expect, test } from 'vitest'
import { mq, said, temporaryFolder } from '../support/mq.ts'

test('mq demo consumes all it has produced and says so last, with an empty home', async () => {
  const home = temporaryFolder()
  const { code, stdout, stderr } = await mq(['demo', '--for', '2500ms'], { env: { HOME: home.path } })
  home.remove()

  const lines = stdout.trimEnd().split('\n')
  expect(lines.at(-1)).toMatch(/^consumed [1-9]\d*$/)
  expect(lines[0]).toMatch(/^produced \d+, consumed \d+, lag \d+; consumer 1: 4 queues, consumer 2: 4 queues$/)
  expect(lines.length).toBeGreaterThanOrEqual(3)
  expect(stderr).toMatch(/^a broker in this process at 127\.0\.0\.1:\d+, its data in memory\n$/)
  expect(code).toBe(0)
})

test('a signal ends it in the same order', async () => {
  const { code, stdout } = await mq(['demo'], {
    during: async (child) => {
      await said(child, /a broker in this process/)
      await new Promise((resolve) => child.stdout.once('data', resolve))
      child.kill('SIGTERM')
    },
  })

  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^consumed [1-9]\d*$/)
  expect(code).toBe(143)
})

test('a misspelt flag is told, and nothing is started', async () => {
  const { code, stdout, stderr } = await mq(['demo', '--fro', '1s'])

  expect(stderr).toContain('there is no flag --fro')
  expect(stdout).toBe('')
  expect(code).toBe(2)
})
