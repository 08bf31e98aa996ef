import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LineSplitter } from '../../../src/cli/produce/lines.ts'

function split(chunks: readonly string[], maxBytes?: number): { line: number; text: string; error?: string }[] {
  const splitter = new LineSplitter(maxBytes)
  const lines = [...chunks.flatMap((chunk) => splitter.push(Buffer.from(chunk))), ...splitter.end()]
  return lines.map(({ line, bytes, error }) => ({
    line,
    text: bytes.toString(),
    ...(error === undefined ? {} : { error: error.message }),
  }))
}

describe('input is split at line feeds', () => {
  test('the last line needs none', () => {
    expect(split(['a\nb']).map(({ text }) => text)).toEqual(['a', 'b'])
    expect(split(['a\nb\n']).map(({ text }) => text)).toEqual(['a', 'b'])
  })

  test('empty lines are lines, no input is none', () => {
    expect(split(['\n\na']).map(({ line, text }) => [line, text])).toEqual([
      [1, ''],
      [2, ''],
      [3, 'a'],
    ])
    expect(split([])).toEqual([])
  })

  test('a carriage return belongs to the line', () => {
    expect(split(['a\r\n'])[0]?.text).toBe('a\r')
  })

  test('wherever chunks are cut, the lines are the same', () => {
    const arbitrary = fc.tuple(fc.array(fc.constantFrom('a', 'bc', '\n', 'é', '')), fc.array(fc.nat(20)))
    fc.assert(
      fc.property(arbitrary, ([parts, cuts]) => {
        const bytes = Buffer.from(parts.join(''))
        const splitter = new LineSplitter()
        const at = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length]
        const pieces = at.slice(1).map((end, index) => bytes.subarray(at[index], end))
        const lines = [...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.end()]

        const text = parts.join('')
        const wanted = text.endsWith('\n') ? text.slice(0, -1).split('\n') : text === '' ? [] : text.split('\n')
        expect(lines.map((line) => line.bytes.toString())).toEqual(wanted)
      }),
    )
  })
})

describe('a line that is too long', () => {
  test('is told with its number and size, and the next one is read', () => {
    const [first, second, third] = split(['ab\n', 'abc', 'defgh', '\nxy'], 4)

    expect(first?.text).toBe('ab')
    expect(second).toEqual({ line: 2, text: '', error: 'it has 8 B; no message may be longer than 4 B' })
    expect(third).toEqual({ line: 3, text: 'xy' })
  })

  test('is not held in memory', () => {
    const splitter = new LineSplitter(1024)
    const chunk = Buffer.alloc(1024 * 1024, 'x')
    const before = process.memoryUsage().rss

    for (let i = 0; i < 500; i++) splitter.push(chunk)

    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024)
    expect(splitter.end()[0]?.error?.message).toContain('500 MiB')
  })
})
