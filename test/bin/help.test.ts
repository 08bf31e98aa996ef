import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const at = (file: string): string => fileURLToPath(new URL(`../../${file}`, import.meta.url))

function node(...args: string[]): string {
  return spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 26 }).stdout
}

const mq = (...args: string[]): string => node(at('bin/run.js'), ...args)

// What oclif renders itself, from the sources, by the words.
const expected = new Map(
  Object.entries(JSON.parse(node(at('test/support/oclif-help.mjs'))) as Readonly<Record<string, string>>),
)

describe('the help the build has prepared', () => {
  test('is there for every command and topic', () => {
    const prepared = readdirSync(at('dist/help')).map((name) => name.replace(/^mq ?(.*)\.txt$/, '$1'))

    expect(prepared.sort()).toEqual([...expected.keys()].sort())
  })

  test.each([...expected])("of 'mq %s' is what oclif renders", (words, text) => {
    expect(mq(...words.split(' ').filter((word) => word !== ''), '--help')).toBe(text)
  })
})

describe('help', () => {
  const topics = expected.get('topics') ?? ''
  const list = expected.get('topics list') ?? ''

  test.each([
    ['topics list -h', list],
    ['help topics list', list],
    ['topics help', undefined],
    ['topics', topics],
    ['topics -h', topics],
    ['help topics', topics],
    ['help', expected.get('')],
    ['', expected.get('')],
  ])("is asked for by 'mq %s'", (line, text) => {
    const words = line.split(' ').filter((word) => word !== '')

    expect(mq(...words)).toBe(text ?? '')
  })

  test.each(['--help topics list', 'topics list --json --help', 'topics:list --help', '--json topics list -h'])(
    "that is made for 'mq %s' is the same as what is prepared",
    (line) => {
      expect(mq(...line.split(' '))).toBe(list)
    },
  )

  test.each(['nope --help', 'help nope'])("of what there is not is refused: 'mq %s'", (line) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [at('bin/run.js'), ...line.split(' ')], {
      encoding: 'utf8',
    })

    expect(stderr).toMatch(/^error: there is no command 'mq nope'/)
    expect(stdout).toBe('')
    expect(status).toBe(127)
  })

  test('has no colour in a pipe, even where a terminal is claimed', () => {
    const { stdout } = spawnSync(process.execPath, [at('bin/run.js'), '--help', 'topics', 'list'], {
      encoding: 'utf8',
      env: { ...process.env, FORCE_COLOR: '1' },
    })

    expect(stdout).toBe(list)
  })
})
