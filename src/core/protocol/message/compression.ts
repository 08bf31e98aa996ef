import { inflateSync } from 'node:zlib'
import { ProtocolError } from '../../errors.ts'
import { decompressLz4Frame } from './lz4-frame.ts'
import type { Compression } from './sys-flag.ts'
import { decompressZstdFrame } from './zstd/frame.ts'

/** The longest body a compressed message may expand to, in bytes: 16 × the broker's default limit for a message. */
export const MAX_DECOMPRESSED_BYTES = 64 * 1024 * 1024

/** Expands a body. Throws {@link ProtocolError} when it is damaged or would pass `maxBytes`. */
export function decompress(bytes: Buffer, compression: Compression, maxBytes = MAX_DECOMPRESSED_BYTES): Buffer {
  try {
    if (compression === 'zlib') return inflateSync(bytes, { maxOutputLength: maxBytes })
    if (compression === 'lz4') return decompressLz4Frame(bytes, maxBytes)
    return decompressZstdFrame(bytes, maxBytes)
  } catch (cause) {
    if (cause instanceof ProtocolError) throw cause
    throw new ProtocolError(`a ${compression} body of ${bytes.length} bytes cannot be decompressed`, { cause })
  }
}
