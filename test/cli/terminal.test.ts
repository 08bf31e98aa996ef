import { describe, expect, test } from 'vitest'
import { readTerminal } from '../../src/cli/terminal.ts'

const tty = { isTTY: true, columns: 120 }
const onTerminal = { stdin: tty, stdout: tty, stderr: tty, env: { TERM: 'xterm' } }

describe('colour', () => {
  test('is used on a terminal', () => {
    expect(readTerminal(onTerminal, { noColor: false })).toMatchObject({ color: true, columns: 120 })
  })

  test.each([
    ['--no-color', onTerminal, true],
    ['NO_COLOR', { ...onTerminal, env: { NO_COLOR: '1' } }, false],
    ['TERM=dumb', { ...onTerminal, env: { TERM: 'dumb' } }, false],
    ['a pipe', { ...onTerminal, stdout: {} }, false],
  ])('is not used with %s', (_name, source, noColor) => {
    expect(readTerminal(source, { noColor }).color).toBe(false)
  })

  test('an empty NO_COLOR does not count', () => {
    expect(readTerminal({ ...onTerminal, env: { NO_COLOR: '' } }, { noColor: false }).color).toBe(true)
  })
})

test('each stream is looked at for itself, and a pipe is taken for 80 columns', () => {
  const source = { stdin: {}, stdout: {}, stderr: tty, env: {} }

  expect(readTerminal(source, { noColor: false })).toEqual({
    stdin: false,
    stdout: false,
    stderr: true,
    color: false,
    columns: 80,
  })
})
