import { crc32, deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../../../src/core/errors.ts'
import { type Compression, decompress } from '../../../../src/core/protocol/index.ts'
import { fixtureText } from '../../../support/fixtures.ts'

interface Bodies {
  readonly bodies: Readonly<
    Record<
      string,
      { readonly length: number; readonly crc32: number; readonly frames: Readonly<Record<string, string>> }
    >
  >
}

const recorded = Object.entries((JSON.parse(fixtureText('compressed.json')) as Bodies).bodies).flatMap(
  ([name, { length, crc32: checksum, frames }]) =>
    Object.entries(frames).map(([tool, base64]) => ({
      name: `${name} by ${tool}`,
      compression: tool.split(' ')[0] as Compression,
      length,
      checksum,
      bytes: Buffer.from(base64, 'base64'),
    })),
)

describe('a compressed body', () => {
  it.each(recorded)('of $name expands to what it was', ({ bytes, compression, length, checksum }) => {
    const body = decompress(bytes, compression)

    expect([body.length, crc32(body)]).toEqual([length, checksum])
  })

  it.each(recorded.filter(({ length }) => length > 0))(
    'of $name stops at the limit',
    ({ bytes, compression, length }) => {
      expect(decompress(bytes, compression, length)).toHaveLength(length)
      expect(() => decompress(bytes, compression, length - 1)).toThrow(ProtocolError)
    },
  )

  it.each(recorded.filter(({ bytes }) => bytes.length < 8000))('of $name is refused when it is cut', (body) => {
    const { bytes, compression, length } = body
    for (let cut = 0; cut < bytes.length; cut += 1 + (cut >> 3)) {
      let expanded: Buffer | undefined
      try {
        expanded = decompress(bytes.subarray(0, cut), compression)
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError)
      }
      // Only the checksum after an LZ4 frame may be missing: it is not looked at.
      if (expanded) expect([compression, expanded.length]).toEqual(['lz4', length])
    }
  })

  it('by zlib expands, stops at the limit and is refused when it is cut', () => {
    const plain = Buffer.alloc(100_000, 'zlib ')
    const bytes = deflateSync(plain)

    expect(decompress(bytes, 'zlib').equals(plain)).toBe(true)
    expect(() => decompress(bytes, 'zlib', 99_999)).toThrow(ProtocolError)
    expect(() => decompress(bytes.subarray(0, -5), 'zlib')).toThrow(ProtocolError)
  })
})

describe('a bomb', () => {
  const limit = 8 * 1024 * 1024

  function growthOf(fn: () => void): number {
    const before = process.memoryUsage().arrayBuffers
    fn()
    return process.memoryUsage().arrayBuffers - before
  }

  /** 4 bytes of zstd say 128 KiB. */
  const zstdRuns = (count: number): Buffer => {
    const head = Buffer.from('28b52ffd0058', 'hex')
    const run = Buffer.from([0x02, 0x00, 0x10, 0x41])
    return Buffer.concat([head, ...Array<Buffer>(count).fill(run), Buffer.from([0x03, 0x00, 0x10, 0x41])])
  }

  /** 255 more bytes of LZ4 repeat 65025. */
  const lz4Repeats = (bytes: number): Buffer => {
    const block = Buffer.concat([Buffer.from([0x1f, 0x41, 1, 0]), Buffer.alloc(bytes, 255), Buffer.from([0, 0])])
    const size = Buffer.alloc(4)
    size.writeUInt32LE(block.length)
    return Buffer.concat([Buffer.from('04224d18607073', 'hex'), size, block, Buffer.alloc(4)])
  }

  it.each([
    ['zstd', zstdRuns(1_000_000)],
    ['lz4', lz4Repeats(4_000_000)],
    ['zlib', deflateSync(Buffer.alloc(64 * 1024 * 1024))],
  ] as const)('of %s stops at the limit, without memory beyond it', (compression, bytes) => {
    const growth = growthOf(() => {
      expect(() => decompress(bytes, compression, limit)).toThrow(ProtocolError)
    })

    expect(growth).toBeLessThan(2 * limit + 4 * 1024 * 1024)
  })

  it('of zstd that asks for a window of 3.75 TiB takes no memory for it', () => {
    const growth = growthOf(() => {
      expect(decompress(Buffer.from('28b52ffd00ff09000041', 'hex'), 'zstd').toString()).toBe('A')
    })

    expect(growth).toBeLessThan(1024 * 1024)
  })
})

describe('a damaged zstd frame', () => {
  const head = '28b52ffd0058'

  it.each([
    ['too many symbols', `${head}8d000002410308f0030101010101010101010100`],
    ['a block of an unknown type', `${head}0f0000414243`],
    ['a block of 131073 bytes', `${head}0b001041`],
    ['needs a dictionary', '28b52ffd01580109000041'],
    ['ends inside a block', '28b52ffda001000000'],
    ['ends inside a block', `${head}21000041`],
    ['refers to before its start', `${head}4500000841015401030008`],
    ['do not fit it', `${head}4500000841015402020004`],
    ['bits left over', `${head}4500000841015401020008`],
    ['no end mark', `${head}4500000841015401020000`],
    ['unknown code', `${head}45000008410154ff020004`],
    ['reserved bits', `${head}4500000841015501020004`],
    ['refers to tables before the first', `${head}450000084101fc01020004`],
    ['refers to a Huffman table before the first', `${head}450000134100000101010100`],
    ['does not end with its last block', `${head}090000414200`],
    ['does not end after its literals', `${head}2500000841000000`],
    ['not a zstd frame', '28b52ffe00580900004142'],
  ])('is refused: %s', (message, text) => {
    expect(() => decompress(Buffer.from(text, 'hex'), 'zstd')).toThrow(ProtocolError)
    expect(() => decompress(Buffer.from(text, 'hex'), 'zstd')).toThrow(message)
  })

  it.each([
    ['ABCCCCC', `${head}1000004142` + '2b000043'],
    ['AAAA', `${head}4500000841015401020004`],
    ['A', `${head}1d000008` + '4100'],
  ])('is none: %s', (body, text) => {
    expect(decompress(Buffer.from(text, 'hex'), 'zstd').toString()).toBe(body)
  })
})

describe('a damaged LZ4 frame', () => {
  const head = '04224d18607073'

  it.each([
    ['not an LZ4 frame', '05224d18607073' + '00000000'],
    ['an unknown version', '04224d18207073' + '00000000'],
    ['needs a dictionary', '04224d18617073' + '00000000' + '00000000'],
    ['ends inside its literals', `${head}03000000` + 'f04142' + '00000000'],
    ['ends inside a length', `${head}03000000` + 'f0ffff' + '00000000'],
    ['ends inside a distance', `${head}03000000` + '104101' + '00000000'],
    ['refers to before its start', `${head}05000000` + '1041000000' + '00000000'],
    ['refers to before its start', `${head}05000000` + '1041020000' + '00000000'],
    ['ends inside a block', `${head}ffffff7f` + '1041'],
    ['ends inside a block size', `${head}02000000` + '1041'],
    ['not an LZ4 frame', head],
  ])('is refused: %s', (message, text) => {
    expect(() => decompress(Buffer.from(text, 'hex'), 'lz4')).toThrow(ProtocolError)
    expect(() => decompress(Buffer.from(text, 'hex'), 'lz4')).toThrow(message)
  })
})
