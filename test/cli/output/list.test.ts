import { describe, expect, test } from 'vitest'
import { type ListResult, listFormat, listText } from '../../../src/cli/output/list.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

interface Item {
  readonly topic: string
  readonly queues: number
  readonly note?: string
}

const context = {
  clock: new VirtualClock(),
  terminal: { stdout: false, stderr: false, stdin: false, color: false, columns: 80 },
}

const list: ListResult<Item> = {
  name: 'topics',
  items: [
    { topic: 'orders', queues: 16 },
    { topic: 'a,b "c"', queues: 4, note: 'x' },
  ],
  columns: [
    { head: 'TOPIC', value: (item) => item.topic },
    { head: 'QUEUES', value: (item) => item.queues },
    { head: 'NOTE', value: (item) => item.note, wide: true },
  ],
}

describe('the format of a list', () => {
  const terminal = { terminal: { ...context.terminal, stdout: true } }

  test('is a table on a terminal and JSON lines in a pipe', () => {
    expect(listFormat({ output: undefined, json: false }, terminal)).toBe('table')
    expect(listFormat({ output: undefined, json: false }, context)).toBe('jsonl')
  })

  test('is what was asked for', () => {
    expect(listFormat({ output: 'csv', json: false }, terminal)).toBe('csv')
    expect(listFormat({ output: 'csv', json: true }, terminal)).toBe('json')
  })
})

describe('a list', () => {
  test('as a table: columns two blanks apart, numbers to the right', async () => {
    expect(await listText(list, 'table', context)).toBe(
      ['TOPIC    QUEUES', 'orders       16', 'a,b "c"       4', ''].join('\n'),
    )
  })

  test('as a wide table has more columns, and a dash for what is not known', async () => {
    expect(await listText(list, 'wide', context)).toBe(
      ['TOPIC    QUEUES  NOTE', 'orders       16  -', 'a,b "c"       4  x', ''].join('\n'),
    )
  })

  test('as a table on a colour terminal has bold heads and nothing else', async () => {
    const text = await listText(list, 'table', { ...context, terminal: { ...context.terminal, color: true } })

    expect(text.match(/\u001b\[\d+m/g)).toEqual(['\u001b[1m', '\u001b[22m', '\u001b[1m', '\u001b[22m'])
  })

  test('as a table cannot be drawn over by a name', async () => {
    const hostile = { ...list, items: [{ topic: 'a\u001b[2Jb\nc', queues: 1 }] }

    expect(await listText(hostile, 'table', context)).toContain('a·[2Jb·c')
  })

  test('as CSV is quoted where it must be, and empty where nothing is known', async () => {
    expect(await listText(list, 'csv', context)).toBe('topic,queues,note\norders,16,\n"a,b ""c""",4,x\n')
  })

  test('as JSON lines is one object a line', async () => {
    expect(await listText(list, 'jsonl', context)).toBe(
      '{"topic":"orders","queues":16}\n{"topic":"a,b \\"c\\"","queues":4,"note":"x"}\n',
    )
  })

  test('as JSON says its version, its time and that it is whole', async () => {
    expect(JSON.parse(await listText(list, 'json', context))).toEqual({
      schemaVersion: 1,
      asOf: '2023-11-14T22:13:20.000Z',
      topics: list.items,
      partial: false,
      errors: [],
    })
  })

  test('as JSON says who did not answer', async () => {
    const errors = [{ source: 'broker-b', message: 'no answer' }]

    expect(JSON.parse(await listText({ ...list, errors }, 'json', context))).toMatchObject({ partial: true, errors })
  })

  test('as YAML has the same members', async () => {
    expect(await listText({ ...list, items: [] }, 'yaml', context)).toBe(
      'schemaVersion: 1\nasOf: 2023-11-14T22:13:20.000Z\ntopics: []\npartial: false\nerrors: []\n',
    )
  })
})
