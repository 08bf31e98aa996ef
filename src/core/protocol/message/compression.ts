import { inflateSync } from 'node:zlib'
import { Decompress } from 'fzstd'
import { ProtocolError } from '../../errors.ts'
import { decompressLz4Frame } from './lz4-frame.ts'
import type { Compression } from './sys-flag.ts'

/** The longest body a compressed message may expand to, in bytes: 16 × the broker's default limit for a message. */
export const MAX_DECOMPRESSED_BYTES = 64 * 1024 * 1024

/** Expands a body. Throws {@link ProtocolError} when it is damaged or would pass `maxBytes`. */
export function decompress(bytes: Buffer, compression: Compression, maxBytes = MAX_DECOMPRESSED_BYTES): Buffer {
  try {
    if (compression === 'zlib') return inflateSync(bytes, { maxOutputLength: maxBytes })
    if (compression === 'lz4') return decompressLz4Frame(bytes, maxBytes)
    return decompressZstd(bytes, maxBytes)
  } catch (cause) {
    if (cause instanceof ProtocolError) throw cause
    throw new ProtocolError(`a ${compression} body of ${bytes.length} bytes cannot be decompressed`, { cause })
  }
}

/** Java writes frames without a content size, so this must be a streaming decoder. */
function decompressZstd(bytes: Buffer, maxBytes: number): Buffer {
  const parts: Uint8Array[] = []
  let size = 0
  const stream = new Decompress((part) => {
    size += part.length
    if (size > maxBytes) throw new ProtocolError(`a zstd body expands to more than ${maxBytes} bytes`)
    parts.push(part.slice())
  })
  stream.push(bytes, true)
  return Buffer.concat(parts, size)
}
