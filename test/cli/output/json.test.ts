import { expect, test } from 'vitest'
import { jsonDocument, jsonLine } from '../../../src/cli/output/json.ts'

test('a bigint is written as text, an integer stays one', () => {
  expect(jsonLine({ position: 2n ** 63n, offset: 9_007_199_254_740_991 })).toBe(
    '{"position":"9223372036854775808","offset":9007199254740991}',
  )
})

test('a document is indented', () => {
  expect(jsonDocument({ a: 1n })).toBe('{\n  "a": "1"\n}')
})
