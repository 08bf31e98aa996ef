import { statfsSync } from 'node:fs'
import path from 'node:path'
import type { Database, RootDatabase } from 'lmdb'
import { StorageError } from '../../errors.ts'
import { DataDirectory } from './data-directory.ts'
import {
  type Entry,
  type KeyValueStore,
  type Range,
  type StoreUsage,
  type TableName,
  tableNames,
  type Write,
} from './key-value-store.ts'
import { checkLmdbFile } from './lmdb-file.ts'

type Lmdb = typeof import('lmdb')
type Bytes = Database<Buffer, Buffer>

const FILE = 'store.mdb'

/** A store in a directory of its own, on disk before it says so. One process at a time. */
export class LmdbStore implements KeyValueStore {
  readonly #directory: DataDirectory
  readonly #root: RootDatabase<Buffer, Buffer>
  readonly #tables: ReadonlyMap<TableName, Bytes>

  /** Rejects with StorageError: no native module, a directory that is locked, foreign or cannot be written. */
  static async open(dataDir: string): Promise<LmdbStore> {
    const lmdb = await loadLmdb()
    const directory = await DataDirectory.open(dataDir)
    try {
      await checkLmdbFile(path.join(directory.path, FILE))
      return new LmdbStore(lmdb, directory)
    } catch (cause) {
      await directory.close()
      if (cause instanceof StorageError) throw cause
      throw new StorageError(`cannot open the store in ${dataDir}: ${messageOf(cause)}`, { cause })
    }
  }

  private constructor(lmdb: Lmdb, directory: DataDirectory) {
    this.#directory = directory
    const binary = { encoding: 'binary', keyEncoding: 'binary' } as const
    this.#root = lmdb.open<Buffer, Buffer>({
      ...binary,
      path: path.join(directory.path, FILE),
      maxDbs: tableNames.length,
      // A commit is synced before its promise resolves: what is acknowledged is on disk.
      overlappingSync: false,
      // The journal groups writes itself; a commit starts at once.
      eventTurnBatching: false,
    })
    this.#tables = new Map(tableNames.map((name) => [name, this.#root.openDB<Buffer, Buffer>({ ...binary, name })]))
  }

  get(table: TableName, key: Buffer): Buffer | undefined {
    return this.#table(table).getBinary(key)
  }

  range(table: TableName, range: Range): readonly Entry[] {
    return [...this.#table(table).getRange(range)]
  }

  async commit(writes: readonly Write[]): Promise<void> {
    // Each write has a promise of its own, settled with the commit's; nobody else would take up its rejection.
    const ignored = (): void => undefined
    try {
      await this.#root.batch(() => {
        for (const { table, key, value } of writes) {
          const written = value === undefined ? this.#table(table).remove(key) : this.#table(table).put(key, value)
          written.catch(ignored)
        }
      })
    } catch (error) {
      const cause = await commitErrorOf(error)
      const what = `cannot write to the store in ${this.#directory.path}: ${messageOf(cause)}`
      throw new StorageError(what, { cause, suggestions: ['check that the disk has space left and is not failing'] })
    }
  }

  usage(): StoreUsage {
    const { blocks, bfree } = statfsSync(this.#directory.path)
    return { place: this.#directory.path, usedRatio: 1 - bfree / blocks }
  }

  async close(): Promise<void> {
    try {
      await this.#root.close()
    } finally {
      await this.#directory.close()
    }
  }

  #table(name: TableName): Bytes {
    const table = this.#tables.get(name)
    if (table === undefined) throw new RangeError(`no table ${name}`)
    return table
  }
}

async function loadLmdb(): Promise<Lmdb> {
  try {
    return await import('lmdb')
  } catch (cause) {
    throw new StorageError(`the native module 'lmdb' cannot be loaded on ${process.platform} ${process.arch}`, {
      cause,
      suggestions: ["install the package's optional dependencies, or keep messages in memory only (--in-memory)"],
    })
  }
}

/** What lmdb says about a failed commit lies in a promise that rejects. */
async function commitErrorOf(error: unknown): Promise<unknown> {
  try {
    await (error as { readonly commitError?: Promise<unknown> }).commitError
    return error
  } catch (cause) {
    return cause
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
