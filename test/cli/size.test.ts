import { describe, expect, test } from 'vitest'
import { formatSize, parseSize } from '../../src/cli/size.ts'
import { UsageError } from '../../src/core/errors.ts'

describe('a size is read', () => {
  test.each([
    ['512', 512],
    ['0', 0],
    ['4k', 4096],
    ['4 KiB', 4096],
    ['1.5M', 1_572_864],
    ['2gb', 2_147_483_648],
  ])('%s is %d bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes)
  })

  test.each(['', 'k', '-1', '4x', '4kk', '1e3', '999999999999999g'])('%j is refused', (text) => {
    expect(() => parseSize(text)).toThrow(UsageError)
  })
})

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [4096, '4 KiB'],
  [1_572_864, '1.5 MiB'],
  [5 * 1024 ** 4, '5 TiB'],
  [5 * 1024 ** 5, '5120 TiB'],
])('%d bytes are shown as %s', (bytes, text) => {
  expect(formatSize(bytes)).toBe(text)
})
