import { ProtocolError } from '../../../errors.ts'
import { GrowingBuffer } from '../growing-buffer.ts'
import type { HuffmanTable } from './huffman.ts'
import { MAX_BLOCK_BYTES, readLiterals } from './literals.ts'
import { expandSequences, type SequenceState } from './sequences.ts'

// Frame (RFC 8878): u32le magic | u8 flags | [u8 window] | [0-4 dictionary id] | [0-8 le content size]
//                   (u24le: bit 0 last, bits 1-2 type, rest size | block)+ | [u32le checksum]
const MAGIC = 0xfd2fb528
const SINGLE_SEGMENT = 0x20
const CHECKSUM = 0x04
const DICTIONARY = 0x03

const RAW = 0
const RLE = 1
const COMPRESSED = 2

/**
 * Expands a zstd frame (`ZstdCompressor.java` writes one, without a content size). Takes memory and time in proportion to
 * what is written, at most `maxBytes`, whatever window a header asks for. Throws {@link ProtocolError} for damage, for a
 * dictionary and for anything after the frame. The checksum is not verified: a record carries one of its own.
 */
export function decompressZstdFrame(bytes: Buffer, maxBytes: number): Buffer {
  const { end, checksumBytes } = readHeader(bytes)
  const output = new GrowingBuffer(maxBytes)
  const state: SequenceState = { tables: undefined, distances: [1, 4, 8] }
  let huffman: HuffmanTable | undefined
  let at = end
  for (let last = false; !last; ) {
    if (at + 3 > bytes.length) throw new ProtocolError('a zstd frame ends inside a block')
    const word = bytes.readUIntLE(at, 3)
    last = (word & 1) === 1
    const type = (word >> 1) & 3
    const size = word >> 3
    const block = bytes.subarray(at + 3, at + 3 + (type === RLE ? 1 : size))
    at += 3 + (type === RLE ? 1 : size)
    if (at > bytes.length) throw new ProtocolError('a zstd frame ends inside a block')
    if (size > MAX_BLOCK_BYTES) throw new ProtocolError(`a zstd frame has a block of ${size} bytes`)
    if (type === RAW) output.append(block)
    else if (type === RLE) output.fill(block.readUInt8(0), size)
    else if (type === COMPRESSED) huffman = expandBlock(block, huffman, state, output)
    else throw new ProtocolError('a zstd frame has a block of an unknown type')
  }
  if (at + checksumBytes !== bytes.length) throw new ProtocolError('a zstd frame does not end with its last block')
  return output.bytes()
}

function readHeader(bytes: Buffer): { readonly end: number; readonly checksumBytes: number } {
  if (bytes.length < 9 || bytes.readUInt32LE(0) !== MAGIC) throw new ProtocolError('not a zstd frame')
  const flags = bytes.readUInt8(4)
  if ((flags & DICTIONARY) !== 0) throw new ProtocolError('a zstd frame needs a dictionary')
  const single = (flags & SINGLE_SEGMENT) !== 0
  const sizeBytes = flags >> 6 === 0 ? Number(single) : 1 << (flags >> 6)
  return { end: (single ? 5 : 6) + sizeBytes, checksumBytes: (flags & CHECKSUM) === 0 ? 0 : 4 }
}

function expandBlock(
  block: Buffer,
  huffman: HuffmanTable | undefined,
  state: SequenceState,
  output: GrowingBuffer,
): HuffmanTable | undefined {
  const { literals, end, table } = readLiterals(block, huffman)
  expandSequences(block.subarray(end), literals, state, output)
  return table
}
