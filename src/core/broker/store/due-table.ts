import type { KeyValueStore, Write } from './key-value-store.ts'
import { dueKey, MAX_UINT48, readUint64, writeUint64 } from './keys.ts'

/** A message waiting for its time: its record, and where it waits. */
export interface DueRow {
  readonly dueMs: number
  readonly position: number
  /** Its offset in the queue it waits in. */
  readonly queueOffset: number
  /** Its delay level; 0 for one with a time of its own. */
  readonly level: number
}

/** Everything that is to be delivered later, by its time. */
export class DueTable {
  readonly #store: KeyValueStore

  constructor(store: KeyValueStore) {
    this.#store = store
  }

  put(row: DueRow): Write {
    const value = Buffer.allocUnsafe(10)
    writeUint64(value, row.queueOffset, 0)
    value.writeUInt16BE(row.level, 8)
    return { table: 'due', key: dueKey(row.dueMs, row.position), value }
  }

  remove(row: DueRow): Write {
    return { table: 'due', key: dueKey(row.dueMs, row.position), value: undefined }
  }

  /** The rows that are due at a time, earliest first. */
  due(nowMs: number, limit: number): readonly DueRow[] {
    return this.#range(Math.min(nowMs, MAX_UINT48 - 1) + 1, limit)
  }

  /** The row that is due first. */
  first(): DueRow | undefined {
    return this.#range(MAX_UINT48, 1)[0]
  }

  /** Whether a message still waits. */
  has(dueMs: number, position: number): boolean {
    return this.#store.get('due', dueKey(dueMs, position)) !== undefined
  }

  #range(beforeMs: number, limit: number): readonly DueRow[] {
    return this.#store.range('due', { start: dueKey(0, 0), end: dueKey(beforeMs, 0), limit }).map(({ key, value }) => ({
      dueMs: key.readUIntBE(0, 6),
      position: readUint64(key, 6),
      queueOffset: readUint64(value, 0),
      level: value.readUInt16BE(8),
    }))
  }
}
