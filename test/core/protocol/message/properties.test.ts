import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../../../src/core/errors.ts'
import { decodeProperties, encodeProperties } from '../../../../src/core/protocol/index.ts'
import { properties, SEED } from '../../../support/arbitraries.ts'

describe('properties', () => {
  it('come back as they were, with and without the last separator', () => {
    fc.assert(
      fc.property(properties, (sent) => {
        const text = encodeProperties(sent)

        expect(decodeProperties(text)).toEqual(sent)
        expect(decodeProperties(text.replace(/\u0002$/, ''))).toEqual(sent)
      }),
      { seed: SEED, numRuns: 300 },
    )
  })

  it('of one name count by the last, and keep odd names in a map', () => {
    const text = 'A\u00011\u0002A\u00012\u0002__proto__\u0001x\u0002'

    expect([...decodeProperties(text)]).toEqual([
      ['A', '2'],
      ['__proto__', 'x'],
    ])
  })

  it.each([
    ['an empty name', '', 'x'],
    ['an empty value', 'A', ''],
    ['U+0001 in the name', 'A\u0001', 'x'],
    ['U+0002 in the name', 'A\u0002', 'x'],
    ['U+0001 in the value', 'A', '\u0001'],
    ['U+0002 in the value', 'A', 'x\u0002'],
  ])('are refused with %s, and the error shows no control character', (_, name, value) => {
    const encode = () => encodeProperties(new Map([[name, value]]))

    expect(encode).toThrow(ProtocolError)
    expect(encode).toThrow(/^[^\u0000-\u001f]*$/)
  })

  it('decode any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('\u0001', '\u0002', 'a', '='), maxLength: 40 }), (text) => {
        for (const [name, value] of decodeProperties(text)) expect([name, value]).not.toContain('')
      }),
      { seed: SEED, numRuns: 500 },
    )
  })
})
