/** Bits of a stored message's `sysFlag` (`MessageSysFlag.java`). */
export const MessageSysFlag = {
  COMPRESSED: 0x1,
  MULTI_TAGS: 0x2,
  TRANSACTION_MASK: 0xc,
  TRANSACTION_PREPARED: 0x4,
  TRANSACTION_COMMIT: 0x8,
  TRANSACTION_ROLLBACK: 0xc,
  BORN_HOST_V6: 0x10,
  STORE_HOST_V6: 0x20,
  NEED_UNWRAP: 0x40,
  INNER_BATCH: 0x80,
  COMPRESSION_MASK: 0x700,
  COMPRESSION_LZ4: 0x100,
  COMPRESSION_ZSTD: 0x200,
  COMPRESSION_ZLIB: 0x300,
} as const

/** How a body is compressed. */
export type Compression = 'zlib' | 'lz4' | 'zstd'

/** The compression a flag names; type bits without the compressed bit mean nothing. */
export function compressionOf(sysFlag: number): Compression | undefined {
  if ((sysFlag & MessageSysFlag.COMPRESSED) === 0) return undefined
  switch (sysFlag & MessageSysFlag.COMPRESSION_MASK) {
    case MessageSysFlag.COMPRESSION_LZ4:
      return 'lz4'
    case MessageSysFlag.COMPRESSION_ZSTD:
      return 'zstd'
    default:
      return 'zlib'
  }
}
