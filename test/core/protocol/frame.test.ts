import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../../src/core/errors.ts'
import { command, encodeFrame, MAX_FRAME_BYTES, MAX_HEADER_BYTES } from '../../../src/core/protocol/index.ts'
import { jsonCommand, rocketmqCommand, SEED } from '../../support/arbitraries.ts'
import { decodeFrame } from '../../support/commands.ts'

const jsonFrame = (header: string): Buffer => {
  const bytes = Buffer.from(header)
  const prefix = Buffer.alloc(8)
  prefix.writeInt32BE(4 + bytes.length, 0)
  prefix.writeInt32BE(bytes.length, 4)
  return Buffer.concat([prefix, bytes])
}

const read = (header: string) => decodeFrame(jsonFrame(header))

describe('a frame', () => {
  it('with a JSON header comes back as it was', () => {
    fc.assert(
      fc.property(jsonCommand, (sent) => {
        expect(decodeFrame(encodeFrame(sent))).toEqual(sent)
      }),
      { seed: SEED, numRuns: 300 },
    )
  })

  it('with a binary header comes back as it was', () => {
    fc.assert(
      fc.property(rocketmqCommand, (sent) => {
        expect(decodeFrame(encodeFrame(sent))).toEqual(sent)
      }),
      { seed: SEED, numRuns: 300 },
    )
  })

  it('longer than peers accept is not written', () => {
    const frame = (bytes: number) => encodeFrame(command({ code: 10, opaque: 1, body: Buffer.alloc(bytes) }))
    const overhead = frame(0).length

    expect(frame(MAX_FRAME_BYTES - overhead)).toHaveLength(MAX_FRAME_BYTES)
    expect(() => frame(MAX_FRAME_BYTES - overhead + 1)).toThrow(ProtocolError)
  })

  it('with a header longer than we read is not written', () => {
    const remark = 'x'.repeat(MAX_HEADER_BYTES)

    expect(() => encodeFrame(command({ code: 1, opaque: 1, remark }))).toThrow(ProtocolError)
  })
})

describe('a JSON header', () => {
  it('may have its keys in any order, more of them or fewer', () => {
    expect(read('{"opaque":7,"unknown":{"a":[1]},"code":40}')).toMatchObject({
      code: 40,
      opaque: 7,
      flag: 0,
      version: 0,
      language: 'JAVA',
      remark: undefined,
      extFields: new Map(),
    })
  })

  it('names its language by name or number; an unknown one is none', () => {
    const language = (json: string) => read(`{"code":1,"language":${json}}`).language

    expect(['"GO"', '9', '"KLINGON"', '99', 'null', '1.5', '{}'].map(language)).toEqual([
      'GO',
      'GO',
      ...Array<undefined>(5).fill(undefined),
    ])
  })

  it('is written with OTHER for a language that is none of ours', () => {
    expect(decodeFrame(encodeFrame(command({ code: 1, opaque: 1, language: undefined }))).language).toBe('OTHER')
  })

  it('takes ext fields as text, number or true and false, and leaves out null and objects', () => {
    const { extFields } = read('{"code":1,"extFields":{"a":"x","b":5,"c":true,"d":null,"e":{"f":1},"g":-1.5}}')

    expect(Object.fromEntries(extFields)).toEqual({ a: 'x', b: '5', c: 'true', g: '-1.5' })
  })

  it('keeps names like __proto__ out of every object', () => {
    const { extFields } = read('{"code":1,"__proto__":{"flag":1},"extFields":{"__proto__":"x","constructor":"y"}}')

    expect([...extFields]).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
    expect(read('{"code":1,"__proto__":{"flag":1}}').flag).toBe(0)
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })

  it.each([
    ['not JSON', 'hello'],
    ['empty', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ['a number', '5'],
    ['cut', '{"code":1'],
    ['with a code beyond 32 bits', '{"code":4294967296}'],
    ['with a fractional opaque', '{"opaque":1.5}'],
    ['with a flag in text', '{"flag":"1"}'],
    ['with a version of null', '{"version":null}'],
    ['with a list of ext fields', '{"extFields":[]}'],
    ['with ext fields in text', '{"extFields":"a"}'],
    ['with a number no double holds', '{"extFields":{"offset":9223372036854775807}}'],
  ])('is refused when it is %s', (_, header) => {
    expect(() => read(header)).toThrow(ProtocolError)
  })
})

describe('a binary header', () => {
  const valid = encodeFrame(
    command({ code: 105, opaque: 1, serialization: 'ROCKETMQ', remark: 'r', extFields: new Map([['topic', 'T']]) }),
  )

  it('leaves out empty values, which would arrive as null', () => {
    const sent = command({
      code: 1,
      opaque: 1,
      serialization: 'ROCKETMQ',
      extFields: new Map([
        ['a', ''],
        ['b', 'x'],
      ]),
    })

    expect([...decodeFrame(encodeFrame(sent)).extFields]).toEqual([['b', 'x']])
  })

  it('does not carry a code, version or name that is too long for its field', () => {
    const header = { opaque: 1, serialization: 'ROCKETMQ' } as const

    expect(() => encodeFrame(command({ ...header, code: 200_050 }))).toThrow(ProtocolError)
    expect(() => encodeFrame(command({ ...header, code: 1, version: 40_000 }))).toThrow(ProtocolError)
    const extFields = new Map([['n'.repeat(40_000), 'x']])
    expect(() => encodeFrame(command({ ...header, code: 1, extFields }))).toThrow(ProtocolError)
  })

  it.each([
    ['remark', 8 + 13],
    ['ext fields', 8 + 18],
    ['value', 8 + 22 + 2 + 5],
  ])('is refused when the length of its %s is negative or too large', (_, at) => {
    for (const length of [-1, -(2 ** 31), 2 ** 31 - 1, 1000]) {
      const damaged = Buffer.from(valid)
      damaged.writeInt32BE(length, at)
      expect(() => decodeFrame(damaged)).toThrow(ProtocolError)
    }
  })

  it('is refused when the length of a name is negative or too large', () => {
    for (const length of [-1, 6, 32_767]) {
      const damaged = Buffer.from(valid)
      damaged.writeInt16BE(length, 8 + 22)
      expect(() => decodeFrame(damaged)).toThrow(ProtocolError)
    }
  })
})
