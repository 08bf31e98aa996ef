import { open } from 'node:fs/promises'
import { StorageError } from '../../errors.ts'

// The first two pages each hold a copy of the root, the one with the higher number is valid; little-endian:
// 24 bytes of page header | u32 magic | u32 version | u64 address | u64 map size
// free list: u32 page size, 36 bytes, u64 root page | tables: 40 bytes, u64 root page | u64 last page | u64 number
const MAGIC = 0xbeefc0de
const AT = { MAGIC: 24, PAGE_SIZE: 48, FREE_ROOT: 88, TABLES_ROOT: 136, NUMBER: 152 } as const
const META_BYTES = 160
const NO_PAGE = 0xffff_ffff_ffff_ffffn

/**
 * Checks that a file is an LMDB environment that can be opened: the native library ends the process on one that is not.
 * A file that is not there or empty is fine. Rejects with StorageError.
 */
export async function checkLmdbFile(file: string): Promise<void> {
  const metas = await readMetas(file)
  if (metas === undefined) return
  const { bytes, first, second, pageBytes } = metas
  for (const meta of [first, second]) {
    if (meta.length < META_BYTES || meta.readUInt32LE(AT.MAGIC) !== MAGIC) throw damaged(file, 'it has no valid header')
  }
  const newer = first.readBigUInt64LE(AT.NUMBER) > second.readBigUInt64LE(AT.NUMBER) ? first : second
  for (const at of [AT.FREE_ROOT, AT.TABLES_ROOT]) {
    const root = newer.readBigUInt64LE(at)
    if (root !== NO_PAGE && (root + 1n) * BigInt(pageBytes) > BigInt(bytes)) {
      throw damaged(file, `it was cut off after ${bytes} bytes`)
    }
  }
}

interface Metas {
  readonly bytes: number
  readonly pageBytes: number
  readonly first: Buffer
  readonly second: Buffer
}

async function readMetas(file: string): Promise<Metas | undefined> {
  let handle: Awaited<ReturnType<typeof open>>
  try {
    handle = await open(file, 'r')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new StorageError(`cannot read ${file}: ${(cause as Error).message}`, { cause })
  }
  try {
    const { size: bytes } = await handle.stat()
    if (bytes === 0) return undefined
    const read = async (position: number): Promise<Buffer> => {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(META_BYTES), 0, META_BYTES, position)
      return buffer.subarray(0, bytesRead)
    }
    const first = await read(0)
    const pageBytes = first.length < META_BYTES ? META_BYTES : first.readUInt32LE(AT.PAGE_SIZE)
    return { bytes, pageBytes, first, second: await read(pageBytes) }
  } finally {
    await handle.close()
  }
}

function damaged(file: string, why: string): StorageError {
  return new StorageError(`the store ${file} is damaged: ${why}`, {
    suggestions: ['restore the directory from a copy, or choose another one with --data-dir'],
  })
}
