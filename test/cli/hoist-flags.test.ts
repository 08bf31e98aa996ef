import { describe, expect, test } from 'vitest'
import { type FlagManifest, hoistFlags } from '../../src/cli/hoist-flags.ts'

const manifest: FlagManifest = {
  commands: {
    'topics:list': {
      flags: {
        json: { type: 'boolean' },
        color: { type: 'boolean', allowNo: true },
        namesrv: { type: 'option', char: 'n', aliases: ['name-server'] },
        only: { type: 'boolean' },
      },
    },
    consume: { flags: { json: { type: 'boolean' }, only: { type: 'option' } } },
  },
}

const hoist = (line: string): string => hoistFlags(line.split(' '), manifest).join(' ')

describe('flags before the command', () => {
  test.each([
    ['--json topics list', 'topics list --json'],
    ['-n host:1 topics list', 'topics list -n host:1'],
    ['-nhost:1 --json topics list', 'topics list -nhost:1 --json'],
    ['--namesrv=host:1 topics list', 'topics list --namesrv=host:1'],
    ['--name-server host:1 topics list', 'topics list --name-server host:1'],
    ['--no-color topics list --json', 'topics list --json --no-color'],
  ])('%s is %s', (given, expected) => {
    expect(hoist(given)).toBe(expected)
  })

  test('go before a double dash, behind which nothing is a flag', () => {
    expect(hoist('--json consume orders -- --namesrv')).toBe('consume orders --json -- --namesrv')
  })

  test('a value that looks like a command is not taken for one', () => {
    expect(hoist('-n topics list')).toBe('list -n topics')
  })
})

describe('what is not hoisted', () => {
  test('flags behind the command stay where they are', () => {
    expect(hoist('topics list --json')).toBe('topics list --json')
  })

  test('an unknown flag ends the search, so that it is the one to be complained about', () => {
    expect(hoist('--json --jsn topics list')).toBe('--jsn topics list --json')
  })

  test('a flag with a value in one command only cannot be told apart', () => {
    expect(hoist('--only topics list')).toBe('--only topics list')
  })

  test('a flag whose value is missing', () => {
    expect(hoist('--json -n')).toBe('-n --json')
  })

  test('no arguments at all', () => {
    expect(hoistFlags([], manifest)).toEqual([])
  })
})
