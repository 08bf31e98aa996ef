import { expect, onTestFinished, test } from 'vitest'
import { showPicker } from '../../src/ui/show-picker.ts'
import { HeadlessTerminal } from '../support/screen.ts'

/** A list of so many consumers, on a terminal in memory. */
async function pick(count: number, size: readonly [number, number] = [80, 24]) {
  const terminal = new HeadlessTerminal(...size)
  terminal.write('before\r\n')
  const abort = new AbortController()
  onTestFinished(() => abort.abort())
  const items = Array.from({ length: count }, (_, at) => ({
    key: String(at),
    cells: [String(4000 + at), 'billing', 'orders', `10.0.0.${at}@${4000 + at}#1`],
  }))
  const heads = ['PID', 'GROUP', 'TOPIC', 'CLIENT']
  const options = { title: `${count} consumers`, heads, items, color: true, ascii: false }
  const chosen = showPicker({ ...options, terminal, signal: abort.signal })
  await Promise.resolve()
  const type = async (text: string): Promise<string> => {
    terminal.type(text)
    return terminal.text()
  }
  return { terminal, chosen, abort, type }
}

test('several are shown with a cursor, and enter chooses', async () => {
  const { terminal, chosen, type } = await pick(3)

  expect((await terminal.rows()).slice(0, 6)).toEqual([
    ' 3 consumers',
    '',
    '  PID  GROUP   TOPIC  CLIENT',
    '▸ 4000 billing orders 10.0.0.0@4000#1',
    '  4001 billing orders 10.0.0.1@4001#1',
    '  4002 billing orders 10.0.0.2@4002#1',
  ])
  expect((await terminal.rows()).at(-1)).toBe(' up, down, enter choose  esc, q quit')
  expect(await type('\u001b[Bjk')).toMatch(/▸ 4001/)
  await type('\r')
  expect(await chosen).toBe('1')
})

test('a list that is longer than the screen scrolls with the cursor', async () => {
  const { terminal, type, chosen } = await pick(40, [60, 12])

  expect(await type('\u001b[F')).toMatch(/▸ 4039/)
  expect(await type('\u001b[A')).toMatch(/▸ 4038/)
  terminal.resize(80, 20)
  expect((await terminal.rows()).at(-1)).toContain('esc, q quit')
  expect(await type('\u001b[H')).toMatch(/▸ 4000/)
  await type('q')
  expect(await chosen).toBeUndefined()
})

test.each([
  ['esc', '\u001b'],
  ['a signal', undefined],
])('%s leaves the terminal as it was, with nothing chosen', async (_name, keys) => {
  const { terminal, chosen, abort } = await pick(2)
  expect(await terminal.screen()).toBe('alternate')
  if (keys === undefined) abort.abort()
  else terminal.type(keys)

  expect(await chosen).toBeUndefined()
  expect(await terminal.screen()).toBe('normal')
  expect((await terminal.rows())[0]).toBe('before')
  expect(terminal.isReading).toBe(false)
})

test('ctrl-c is the signal it stands for', async () => {
  const { terminal, type } = await pick(2)
  await type('\u0003')

  expect(terminal.interrupts).toBe(1)
  expect(await terminal.screen()).toBe('alternate')
})
