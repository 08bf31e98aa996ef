/** The tables of a store; each is ordered by the bytes of its keys. */
export const tableNames = ['log', 'queue', 'index', 'due', 'popped', 'offset', 'config'] as const

export type TableName = (typeof tableNames)[number]

/** One change: a value to put, or `undefined` to delete the key. */
export interface Write {
  readonly table: TableName
  readonly key: Buffer
  readonly value: Buffer | undefined
}

/** Which entries a {@link KeyValueStore.range} visits. */
export interface Range {
  /** The first key, inclusive; of a reverse range the greatest one. */
  readonly start: Buffer
  /** Where to stop, exclusive. */
  readonly end: Buffer
  readonly limit?: number
  /** Visits downwards from `start`. */
  readonly reverse?: boolean
}

/** A key with its value. The buffers belong to the caller. */
export interface Entry {
  readonly key: Buffer
  readonly value: Buffer
}

/** Where a store keeps its data, and how full that place is. */
export interface StoreUsage {
  readonly place: string
  /** 0 to 1. */
  readonly usedRatio: number
}

/** Ordered tables of bytes with atomic, durable commits. Reads see committed data only. */
export interface KeyValueStore {
  get(table: TableName, key: Buffer): Buffer | undefined
  range(table: TableName, range: Range): readonly Entry[]
  /**
   * Applies all of `writes`, in order, or none; resolves when they survive a crash. Rejects with StorageError, after
   * which the store must not be written again. One at a time.
   */
  commit(writes: readonly Write[]): Promise<void>
  usage(): StoreUsage
  close(): Promise<void>
}
