import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../../../src/core/errors.ts'
import {
  type BatchMember,
  decodeBatch,
  encodeBatch,
  MAX_PROPERTIES_BYTES,
} from '../../../../src/core/protocol/index.ts'
import { SEED } from '../../../support/arbitraries.ts'

const member: fc.Arbitrary<BatchMember> = fc.record({
  flag: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  body: fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
  properties: fc.string({ unit: 'grapheme', maxLength: 50 }),
})

describe('a batch', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(fc.array(member, { maxLength: 5 }), (members) => {
        expect(decodeBatch(encodeBatch(members))).toEqual(members)
      }),
      { seed: SEED, numRuns: 200 },
    )
  })

  it('is refused wherever it is cut inside a member', () => {
    const one = encodeBatch([{ flag: 1, body: Buffer.from('one'), properties: 'A\u0001b\u0002' }])
    const both = Buffer.concat([one, one])
    for (let cut = 1; cut < both.length; cut++) {
      if (cut !== one.length) expect(() => decodeBatch(both.subarray(0, cut))).toThrow(ProtocolError)
    }
  })

  it('is refused when its lengths do not add up', () => {
    const bytes = encodeBatch([{ flag: 0, body: Buffer.from('body'), properties: 'A\u0001b\u0002' }])
    for (const [at, value] of [
      [0, 0],
      [0, -1],
      [0, 21],
      [0, bytes.length + 1],
      [16, -1],
      [16, 2 ** 31 - 1],
      [16, 5],
    ]) {
      const damaged = Buffer.from(bytes)
      damaged.writeInt32BE(value!, at)
      expect(() => decodeBatch(damaged)).toThrow(ProtocolError)
    }
  })

  it('cannot have properties beyond the limit', () => {
    const properties = 'p'.repeat(MAX_PROPERTIES_BYTES + 1)

    expect(() => encodeBatch([{ flag: 0, body: Buffer.alloc(0), properties }])).toThrow(ProtocolError)
  })
})
