import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../../src/core/errors.ts'
import {
  bool,
  double,
  type Field,
  int,
  int64,
  long,
  named,
  oneOf,
  optional,
  text,
} from '../../../src/core/protocol/fields.ts'
import { type Operation, operations, readHeader, writeHeader } from '../../../src/core/protocol/index.ts'
import { headerOf, SEED } from '../../support/arbitraries.ts'

const table: readonly (readonly [string, Operation])[] = Object.entries(operations)

describe('the headers of every operation', () => {
  it.each(table)('%s come back as they were written', (_, operation) => {
    for (const schema of [operation.request, operation.response]) {
      fc.assert(
        fc.property(headerOf(schema), (header) => {
          const written = writeHeader(schema, header)

          expect([...written.values()].every((value) => typeof value === 'string')).toBe(true)
          expect(readHeader(schema, written)).toEqual(header)
        }),
        { seed: SEED, numRuns: 30 },
      )
    }
  })
})

describe('a header', () => {
  const schema = { topic: named('b', text), queueId: int, note: optional(text) }

  it('uses wire names, leaves out what is absent and ignores what it does not know', () => {
    const written = writeHeader(schema, { topic: 'T', queueId: 3, note: undefined })

    expect(Object.fromEntries(written)).toEqual({ b: 'T', queueId: '3' })
    const read = readHeader(schema, new Map([...written, ['__proto__', 'x'], ['other', 'y']]))
    expect(read).toEqual({ topic: 'T', queueId: 3 })
    expect(Object.keys(read)).toEqual(['topic', 'queueId'])
  })

  it('is refused without a required field, in both directions', () => {
    expect(() => readHeader(schema, new Map([['b', 'T']]))).toThrow(/missing header field queueId/)
    expect(() => writeHeader(schema, { topic: 'T' } as never)).toThrow(ProtocolError)
  })
})

describe('a field', () => {
  const refused: readonly (readonly [string, Field<unknown>, readonly string[]])[] = [
    ['int', int, ['', ' 1', '1.0', '1e3', '0x10', '2147483648', '-2147483649', 'NaN', '١']],
    ['long', long, ['', '9007199254740992', '-9007199254740992', '9'.repeat(100_000)]],
    ['int64', int64, ['', '9223372036854775808', '-9223372036854775809', '9'.repeat(19)]],
    ['double', double, ['', ' 1', 'Infinity', 'NaN', '0x10', '1e', '.', '9'.repeat(100_000)]],
    ['one of', oneOf('LOWER', 'UPPER'), ['', 'lower', 'LOWER ', 'x'.repeat(100_000)]],
  ]

  it.each(refused)('of type %s refuses what is none, briefly', (_, field, texts) => {
    for (const value of texts) {
      expect(() => field.read(value)).toThrow(ProtocolError)
      expect(() => field.read(value)).toThrow(/^.{1,120}$/)
    }
  })

  it('reads the ends of its range', () => {
    expect(int.read('-2147483648')).toBe(-(2 ** 31))
    expect(long.read('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER)
    expect(int64.read('9223372036854775807')).toBe(2n ** 63n - 1n)
    expect(double.read('-1.5E10')).toBe(-1.5e10)
  })

  it('does not write what its reader would refuse', () => {
    expect(() => int.write(2 ** 31)).toThrow(ProtocolError)
    expect(() => int.write(1.5)).toThrow(ProtocolError)
    expect(() => long.write(2 ** 53)).toThrow(ProtocolError)
    expect(() => int64.write(2n ** 63n)).toThrow(ProtocolError)
    expect(() => double.write(Number.NaN)).toThrow(ProtocolError)
  })

  it('takes true in any case for true, and all else for false', () => {
    expect(['true', 'TRUE', 'True', 'false', 'yes', '1', ''].map((value) => bool.read(value))).toEqual([
      ...[true, true, true],
      ...[false, false, false, false],
    ])
  })
})
