import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatIp, parseIp } from '../../../../src/core/protocol/message/ip.ts'
import { SEED } from '../../../support/arbitraries.ts'

const sixteen = fc.oneof(
  fc.uint8Array({ minLength: 16, maxLength: 16 }),
  fc.array(fc.constantFrom(0, 0, 0, 1, 16), { minLength: 16, maxLength: 16 }).map((bytes) => Uint8Array.from(bytes)),
)

describe('an IPv6 address', () => {
  it('is written as URLs write it, and read back', () => {
    fc.assert(
      fc.property(sixteen, (array) => {
        const bytes = Buffer.from(array)
        const text = formatIp(bytes)

        const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16)).join(':')
        expect(`[${text}]`).toBe(new URL(`http://[${groups}]/`).hostname)
        expect(parseIp(text)?.equals(bytes)).toBe(true)
        expect(parseIp(`[${text}]`)?.equals(bytes)).toBe(true)
        expect(parseIp(groups)?.equals(bytes)).toBe(true)
      }),
      { seed: SEED, numRuns: 1000 },
    )
  })

  it('keeps a group that ends in 0 before a run of zeros', () => {
    const bytes = Buffer.from('00100000000000000000000000000001', 'hex')

    expect(formatIp(bytes)).toBe('10::1')
  })

  it('that wraps an IPv4 address is that address', () => {
    expect(parseIp('::ffff:127.0.0.1')).toEqual(Buffer.from([127, 0, 0, 1]))
    expect(parseIp('[::FFFF:127.0.0.1]')).toEqual(Buffer.from([127, 0, 0, 1]))
  })
})

describe('an IPv4 address', () => {
  it('is written and read', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), (array) => {
        expect(parseIp(formatIp(Buffer.from(array)))).toEqual(Buffer.from(array))
      }),
      { seed: SEED, numRuns: 100 },
    )
  })
})

it.each([
  ...['', 'localhost', '1.2.3', '1.2.3.4.5', '256.0.0.1', '1.2.3.-4', '1.2.3.4 ', '0x1.2.3.4', ':', ':::', '1::2::3'],
  ...['1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7::8', 'g::1', '12345::', '::1%eth0', '::ffff:1.2.3.400'],
])('%j is no address', (text) => {
  expect(isIP(text) === 0 || text.includes('%')).toBe(true)
  expect(parseIp(text)).toBeUndefined()
})
