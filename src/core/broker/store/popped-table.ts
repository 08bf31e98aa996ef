import type { Entry, KeyValueStore, Write } from './key-value-store.ts'
import { MAX_UINT48, poppedKey, readOffsetKey, readUint64, writeUint64 } from './keys.ts'

/** Which popped message, and until when it is hidden; the handle its consumer has says all of this. */
export interface PoppedId {
  readonly visibleAtMs: number
  readonly group: string
  /** Where it is stored: the topic, or the group's retry topic of it. */
  readonly topic: string
  readonly queueId: number
  readonly queueOffset: number
}

/** A message that a group has popped and not acknowledged. */
export interface PoppedRow extends PoppedId {
  readonly popTimeMs: number
  /** Of its record. */
  readonly position: number
}

/** Everything that is popped and not acknowledged, by the time it becomes visible again (`PopConsumerRecord.java`). */
export class PoppedTable {
  readonly #store: KeyValueStore

  constructor(store: KeyValueStore) {
    this.#store = store
  }

  put(row: PoppedRow): Write {
    const value = Buffer.allocUnsafe(14)
    value.writeUIntBE(row.popTimeMs, 0, 6)
    writeUint64(value, row.position, 6)
    return { table: 'popped', key: keyOf(row), value }
  }

  remove(id: PoppedId): Write {
    return { table: 'popped', key: keyOf(id), value: undefined }
  }

  /** `undefined` for what was acknowledged, is visible again, or has been given another time. */
  get(id: PoppedId): PoppedRow | undefined {
    const key = keyOf(id)
    const value = this.#store.get('popped', key)
    return value && read({ key, value })
  }

  /** Those that are visible again at a time, earliest first. */
  due(nowMs: number, limit: number): readonly PoppedRow[] {
    return this.#range(Math.min(nowMs, MAX_UINT48 - 1) + 1, limit)
  }

  /** The one that becomes visible first. */
  first(): PoppedRow | undefined {
    return this.#range(MAX_UINT48, 1)[0]
  }

  #range(beforeMs: number, limit: number): readonly PoppedRow[] {
    const end = Buffer.alloc(6)
    end.writeUIntBE(beforeMs, 0, 6)
    return this.#store.range('popped', { start: Buffer.alloc(6), end, limit }).map(read)
  }
}

function keyOf({ visibleAtMs, group, topic, queueId, queueOffset }: PoppedId): Buffer {
  return poppedKey(Math.min(Math.max(visibleAtMs, 0), MAX_UINT48), group, topic, queueId, queueOffset)
}

function read({ key, value }: Entry): PoppedRow {
  const offsetAt = key.length - 6
  return {
    visibleAtMs: key.readUIntBE(0, 6),
    ...readOffsetKey(key.subarray(6, offsetAt)),
    queueOffset: key.readUIntBE(offsetAt, 6),
    popTimeMs: value.readUIntBE(0, 6),
    position: readUint64(value, 6),
  }
}
