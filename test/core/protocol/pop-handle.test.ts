import { expect, it } from 'vitest'
import { ProtocolError } from '../../../src/core/errors.ts'
import { ackBits, parsePopHandle, unwrapNamespace } from '../../../src/core/protocol/index.ts'

it.each([
  '',
  '1 2 3 4 0 broker 5',
  '1 2 3 4 0 broker 5 6 7',
  '1  2 3 4 0 broker 5 6',
  'x 2 3 4 0 broker 5 6',
  '1 2 3 4 0 broker 5 9999999999999999',
  `1 2 3 4 0 ${'b'.repeat(100_000)} 5`,
])('%j is not the handle of a popped message', (text) => {
  expect(() => parsePopHandle(text)).toThrow(ProtocolError)
  expect(() => parsePopHandle(text)).toThrow(/^.{1,200}$/)
})

it('nothing acknowledged is no bits', () => {
  expect(ackBits([])).toBe('')
  expect(Buffer.from(ackBits([7, 8, 23]), 'base64').toString('hex')).toBe('800180')
})

it('names of another namespace, or of none, are not unwrapped', () => {
  expect(unwrapNamespace('ns', 'ns%T')).toBe('T')
  expect(unwrapNamespace('ns', '%RETRY%ns%g')).toBe('%RETRY%g')
  expect(unwrapNamespace('ns', 'other%T')).toBe('other%T')
  expect(unwrapNamespace('', 'ns%T')).toBe('ns%T')
})
