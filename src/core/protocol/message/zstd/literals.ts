import { ProtocolError } from '../../../errors.ts'
import { decodeHuffman, type HuffmanTable, readHuffmanTable } from './huffman.ts'

/** No block expands to more. */
export const MAX_BLOCK_BYTES = 128 * 1024

const RAW = 0
const RLE = 1
const TREELESS = 3

/** The literals of one block, and where the sequences after them start. */
export interface Literals {
  readonly literals: Uint8Array
  readonly end: number
  /** The code that the next block may use again. */
  readonly table: HuffmanTable | undefined
}

interface Sizes {
  readonly headerBytes: number
  readonly size: number
  readonly compressedSize: number
  readonly streams: 1 | 4
}

/** Reads the first section of a compressed block: bits 0-1 type, 2-3 format of the sizes, sizes | [table] | streams. */
export function readLiterals(block: Uint8Array, previous: HuffmanTable | undefined): Literals {
  const type = (block[0] ?? 0) & 3
  const { headerBytes, size, compressedSize, streams } = readSizes(block, type)
  const end = headerBytes + compressedSize
  if (end > block.length) throw new ProtocolError('a zstd block ends inside its literals')
  if (size > MAX_BLOCK_BYTES) throw new ProtocolError(`a zstd block has ${size} bytes of literals`)
  const content = block.subarray(headerBytes, end)
  if (type === RAW) return { literals: content, end, table: previous }
  const literals = new Uint8Array(size)
  if (type === RLE) return { literals: literals.fill(content[0] ?? 0), end, table: previous }
  const read = type === TREELESS ? undefined : readHuffmanTable(content)
  const table = read?.table ?? previous
  if (table === undefined) throw new ProtocolError('a zstd block refers to a Huffman table before the first')
  const coded = content.subarray(read?.bytes ?? 0)
  if (streams === 1) decodeHuffman(coded, table, literals)
  else decodeFourStreams(coded, table, literals)
  return { literals, end, table }
}

function readSizes(block: Uint8Array, type: number): Sizes {
  const [b0 = 0, b1 = 0, b2 = 0, b3 = 0, b4 = 0] = block
  const format = (b0 >> 2) & 3
  if (type === RAW || type === RLE) {
    const size = (format & 1) === 0 ? b0 >> 3 : (b0 >> 4) | (b1 << 4) | (format === 3 ? b2 << 12 : 0)
    const headerBytes = [1, 2, 1, 3][format] ?? 1
    return { headerBytes, size, compressedSize: type === RLE ? 1 : size, streams: 1 }
  }
  const streams = format === 0 ? 1 : 4
  if (format < 2) {
    return { headerBytes: 3, size: (b0 >> 4) | ((b1 & 63) << 4), compressedSize: (b1 >> 6) | (b2 << 2), streams }
  }
  if (format === 2) {
    const compressedSize = (b2 >> 2) | (b3 << 6)
    return { headerBytes: 4, size: (b0 >> 4) | (b1 << 4) | ((b2 & 3) << 12), compressedSize, streams }
  }
  const compressedSize = (b2 >> 6) | (b3 << 2) | (b4 << 10)
  return { headerBytes: 5, size: (b0 >> 4) | (b1 << 4) | ((b2 & 63) << 12), compressedSize, streams }
}

/** u16le size of the first three streams each | the streams, of equal output but for the last. */
function decodeFourStreams(bytes: Uint8Array, table: HuffmanTable, output: Uint8Array): void {
  const part = (output.length + 3) >> 2
  if (bytes.length < 6 || part * 3 > output.length) throw new ProtocolError('a zstd block ends inside its literals')
  let at = 6
  for (let stream = 0; stream < 4; stream++) {
    const size = (bytes[stream * 2] ?? 0) | ((bytes[stream * 2 + 1] ?? 0) << 8)
    const end = stream === 3 ? bytes.length : at + size
    if (end > bytes.length) throw new ProtocolError('a zstd block ends inside its literals')
    const target = output.subarray(stream * part, stream === 3 ? output.length : (stream + 1) * part)
    decodeHuffman(bytes.subarray(at, end), table, target)
    at = end
  }
}
