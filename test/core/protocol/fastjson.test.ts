import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../../src/core/errors.ts'
import { readFastjson } from '../../../src/core/protocol/fastjson-reader.ts'
import type { FastjsonValue } from '../../../src/core/protocol/fastjson-value.ts'
import { type Writable, writeFastjson } from '../../../src/core/protocol/fastjson-writer.ts'
import { SEED } from '../../support/arbitraries.ts'
import { cpuMilliseconds } from '../../support/cpu-time.ts'

const name = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 10 }).filter((text) => text !== '$ref'),
  fc.constantFrom('__proto__', 'constructor', '0', '}:{', '{0:'),
)
const scalar = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.maxSafeInteger().filter((value) => !Object.is(value, -0)),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Number.isInteger(value)),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) }),
  fc.boolean(),
  fc.constant(null),
)
const values = fc.letrec<{ value: FastjsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(name, tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
    fc
      .array(
        fc.tuple(
          fc.array(fc.tuple(name, scalar), { maxLength: 3 }).map((key) => new Map(key)),
          tie('value'),
        ),
        {
          maxLength: 3,
        },
      )
      .map((entries) => new Map<FastjsonValue, FastjsonValue>(entries)),
  ),
}))

describe('fastjson', () => {
  it('reads what it has written', () => {
    fc.assert(
      fc.property(values.value, (value) => {
        expect(readFastjson(writeFastjson(value))).toEqual(value)
      }),
      { seed: SEED, numRuns: 500 },
    )
  })

  it('reads all of standard JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        expect(readFastjson(JSON.stringify(value, undefined, 1))).toEqual(
          readFastjson(writeFastjson(value as Writable)),
        )
      }),
      { seed: SEED, numRuns: 300 },
    )
  })
})

describe('the reader', () => {
  const object = (entries: readonly (readonly [FastjsonValue, FastjsonValue])[]) => new Map(entries)

  it.each<[string, FastjsonValue]>([
    [
      '{0:"a",-1:"b",12345678901234567890:"c"}',
      object([
        ['0', 'a'],
        ['-1', 'b'],
        ['12345678901234567890', 'c'],
      ]),
    ],
    ['{{"queueId":0}:1}', object([[object([['queueId', 0]]), 1]])],
    ['{[1,2]:3}', object([[[1, 2], 3]])],
    ['{"a":1,}', object([['a', 1]])],
    ['[1,2,]', [1, 2]],
    [' \t\r\n{ } ', object([])],
    ['9007199254740993', 9007199254740993n],
    ['-9223372036854775808', -(2n ** 63n)],
    ['1.0E10', 1e10],
    ['"raw \u0001 control \n characters"', 'raw \u0001 control \n characters'],
    ['"\\u00e9\\/\\\\\\"\\n"', 'é/\\"\n'],
    ['"}:{{0:"', '}:{{0:'],
    ['{"a":1,"a":2}', object([['a', 2]])],
    ['null', null],
  ])('reads %s', (text, expected) => {
    expect(readFastjson(text)).toEqual(expected)
  })

  it.each([
    '',
    ' ',
    '{',
    '[',
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a" 1}',
    '{,}',
    '[,]',
    '[1 2]',
    '{"a":1 "b":2}',
    '"no end',
    '"no end \\"',
    '"\\',
    '"\\x41"',
    '"\\u12"',
    'tru',
    'True',
    'nul',
    'NaN',
    '-',
    '+1',
    '.5',
    '1.',
    '1e',
    '0x10',
    '1 2',
    '{}{}',
    "{'a':1}",
    'undefined',
    '/* comment */ 1',
  ])('refuses %j and says where', (text) => {
    expect(() => readFastjson(text)).toThrow(ProtocolError)
    expect(() => readFastjson(text)).toThrow(/at character \d+$/)
  })

  it('takes nothing from an object of hostile names', () => {
    const value = readFastjson('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}')

    expect(value).toBeInstanceOf(Map)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it.each([
    ['lists', '['],
    ['objects', '{"a":'],
    ['keys', '{'],
  ])('refuses %s nested too deeply instead of running out of stack', (_, open) => {
    expect(() => readFastjson(open.repeat(1_000_000))).toThrow('nested too deeply')
  })

  it.each([
    ['digits', '9'.repeat(4_000_000)],
    ['a decimal', `1.${'1'.repeat(4_000_000)}x`],
    ['signs', '-'.repeat(4_000_000)],
    ['letters', 'a'.repeat(4_000_000)],
    ['white space', `${' '.repeat(4_000_000)}x`],
    ['backslashes', `"${'\\\\'.repeat(2_000_000)}`],
    ['control characters', `"${'\u0001'.repeat(200_000)}\\x"`],
    ['a key of digits', `{${'9'.repeat(4_000_000)}:1}`],
  ])('refuses a long run of %s in no time', (_, text) => {
    const started = cpuMilliseconds()

    expect(() => readFastjson(text)).toThrow(ProtocolError)

    expect(cpuMilliseconds() - started).toBeLessThan(1500)
  })
})

describe('a $ref', () => {
  const queue = '{"brokerName":"b","queueId":1,"topic":"T"}'

  it.each([
    ['the root of nothing but itself', '{"$ref":"$"}'],
    ['a circle', '{"a":{"b":{"$ref":"$.a"}}}'],
    ['two that point at each other', '{"a":{"$ref":"$.b"},"b":{"$ref":"$.a"}}'],
    ['nowhere', '{"a":{"$ref":"$.x"}}'],
    ['an entry beyond the end', '{"a":[1],"b":{"$ref":"$.a[1]"}}'],
    ['a name in a list', '{"a":[1],"b":{"$ref":"$.a.x"}}'],
    ['a parent, which fastjson writes in other places', '{"a":{"$ref":".."}}'],
    ['no path', '{"a":{"$ref":"$a b"}}'],
    [
      'a chain longer than any real one',
      `{${Array.from({ length: 20 }, (_, i) => `"k${i}":{"$ref":"$.k${i + 1}"}`).join(',')},"k20":1}`,
    ],
  ])('to %s is refused', (_, text) => {
    expect(() => readFastjson(text)).toThrow(ProtocolError)
  })

  it('is replaced by what it points at', () => {
    const text = `{"a":{"x":[{"y":1},2]},"b":{"$ref":"$.a.x[0]"},"c":[{"$ref":"$.b"}],"o":{${queue}:{"z":3}},"p":{"$ref":"$.o.MessageQueue\\\\ \\\\[topic\\\\=T\\\\,\\\\ brokerName\\\\=b\\\\,\\\\ queueId\\\\=1\\\\]"}}`
    const value = readFastjson(text) as Map<string, FastjsonValue>

    expect(value.get('b')).toEqual(new Map([['y', 1]]))
    expect(value.get('c')).toEqual([new Map([['y', 1]])])
    expect(value.get('p')).toEqual(new Map([['z', 3]]))
  })

  it('is an ordinary member beside others, or when it is no text', () => {
    expect(readFastjson('{"$ref":"$.x","a":1}')).toEqual(
      new Map<string, FastjsonValue>([
        ['$ref', '$.x'],
        ['a', 1],
      ]),
    )
    expect(readFastjson('{"$ref":5}')).toEqual(new Map([['$ref', 5]]))
  })

  it('cannot make an enormous document out of a small one', () => {
    const levels = Array.from(
      { length: 7 },
      (_, i) =>
        `"l${i}":[${Array(20)
          .fill(`{"$ref":"$.l${i + 1}"}`)
          .join(',')}]`,
    )

    expect(() => readFastjson(`{${levels.join(',')},"l7":[1,2,3]}`)).toThrow('beyond all measure')
  })

  it('is found by the name of a queue among many in no time', () => {
    const entry = (i: number) => `{"brokerName":"b","queueId":${i},"topic":"T"}:{"offset":${i}}`
    const ref = (i: number) =>
      `{"$ref":"$.t.MessageQueue\\\\ \\\\[topic\\\\=T\\\\,\\\\ brokerName\\\\=b\\\\,\\\\ queueId\\\\=${i}\\\\]"}`
    const indexes = Array.from({ length: 5000 }, (_, i) => i)
    const started = cpuMilliseconds()

    const value = readFastjson(`{"t":{${indexes.map(entry).join(',')}},"r":[${indexes.map(ref).join(',')}]}`)

    expect((value as Map<string, FastjsonValue[]>).get('r')?.[4999]).toEqual(new Map([['offset', 4999]]))
    expect(cpuMilliseconds() - started).toBeLessThan(3000)
  })
})

describe('the writer', () => {
  it('writes maps with objects as keys bare, and quotes every other key', () => {
    const table: Writable = new Map<Writable, Writable>([
      [{ queueId: 0 }, 5n],
      [7, 'x'],
      ['s', undefined],
    ])

    expect(writeFastjson({ offsetTable: table, absent: undefined, none: null })).toBe(
      '{"offsetTable":{{"queueId":0}:5,"7":"x"},"none":null}',
    )
  })
})
