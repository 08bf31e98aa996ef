import { ProtocolError } from '../../errors.ts'
import { GrowingBuffer } from './growing-buffer.ts'

// Frame: u32le magic | FLG | BD | [u64le content size] | u8 header checksum
//        (u32le block size, top bit = stored plain | block | [u32le block checksum])* | u32le 0 | [u32le checksum]
const MAGIC = 0x184d2204
const CONTENT_SIZE = 0x08
const DICTIONARY = 0x01
const BLOCK_CHECKSUM = 0x10

/** Expands an LZ4 frame (`Lz4Compressor.java` writes one). Checksums are not verified: a record carries one of its own. */
export function decompressLz4Frame(bytes: Buffer, maxBytes: number): Buffer {
  if (bytes.length < 11 || bytes.readUInt32LE(0) !== MAGIC) throw new ProtocolError('not an LZ4 frame')
  const flags = bytes.readUInt8(4)
  if (flags >> 6 !== 1) throw new ProtocolError('an LZ4 frame of an unknown version')
  if ((flags & DICTIONARY) !== 0) throw new ProtocolError('an LZ4 frame needs a dictionary')
  let at = 7 + (flags & CONTENT_SIZE ? 8 : 0)
  const output = new GrowingBuffer(maxBytes)
  for (;;) {
    if (at + 4 > bytes.length) throw new ProtocolError('an LZ4 frame ends inside a block size')
    const word = bytes.readUInt32LE(at)
    at += 4
    if (word === 0) return output.bytes()
    const size = word & 0x7fffffff
    if (at + size > bytes.length) throw new ProtocolError('an LZ4 frame ends inside a block')
    const block = bytes.subarray(at, at + size)
    if (word >>> 31 === 1) output.append(block)
    else expandBlock(block, output)
    at += size + (flags & BLOCK_CHECKSUM ? 4 : 0)
  }
}

/** A block: u8 token (literals, match) | more literal lengths | literals | u16le distance | more match lengths. */
function expandBlock(block: Buffer, output: GrowingBuffer): void {
  let at = 0
  const lengthFrom = (nibble: number): number => {
    let length = nibble
    if (nibble < 15) return length
    for (;;) {
      const more = block[at++]
      if (more === undefined) throw new ProtocolError('an LZ4 block ends inside a length')
      length += more
      if (more !== 255) return length
    }
  }
  while (at < block.length) {
    const token = block.readUInt8(at++)
    const literals = lengthFrom(token >> 4)
    if (at + literals > block.length) throw new ProtocolError('an LZ4 block ends inside its literals')
    output.append(block.subarray(at, at + literals))
    at += literals
    if (at === block.length) return
    if (at + 2 > block.length) throw new ProtocolError('an LZ4 block ends inside a distance')
    const distance = block.readUInt16LE(at)
    at += 2
    output.repeat(distance, lengthFrom(token & 15) + 4)
  }
}
