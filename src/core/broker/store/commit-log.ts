import { MessageExt } from '../../protocol/index.ts'
import type { Entry, KeyValueStore, Write } from './key-value-store.ts'
import { logKey, MAX_POSITION, readUint64 } from './keys.ts'

/** All records in the order they came (`CommitLog.java`), each exactly as it travels, by position. */
export class CommitLog {
  readonly #store: KeyValueStore
  #next: number
  #lastStoreTime: number

  constructor(store: KeyValueStore) {
    this.#store = store
    const [last] = store.range('log', { start: logKey(MAX_POSITION), end: logKey(0), limit: 1, reverse: true })
    const newest = last ?? firstEntry(store)
    this.#next = newest ? readUint64(newest.key, 0) + newest.value.length : 0
    this.#lastStoreTime = newest ? new MessageExt(newest.value, 0).storeTimestamp : 0
  }

  /** The position the next record gets. */
  get next(): number {
    return this.#next
  }

  /** The position of the oldest record; of an empty log, where the next one goes. */
  get first(): number {
    const first = firstEntry(this.#store)
    return first ? readUint64(first.key, 0) : this.#next
  }

  /** A time for the next record: the clock's, but never less than the last record's. */
  storeTime(nowMs: number): number {
    this.#lastStoreTime = Math.max(this.#lastStoreTime, nowMs)
    return this.#lastStoreTime
  }

  /** Takes the next position for a record of that many bytes. */
  advance(bytes: number): number {
    const position = this.#next
    this.#next += bytes
    return position
  }

  put(position: number, record: Buffer): Write {
    return { table: 'log', key: logKey(position), value: record }
  }

  remove(position: number): Write {
    return { table: 'log', key: logKey(position), value: undefined }
  }

  /** The record at a position; `undefined` when none begins there. */
  read(position: number): Buffer | undefined {
    if (position < 0 || position > MAX_POSITION) return undefined
    return this.#store.get('log', logKey(position))
  }

  /** When the oldest record was stored; `undefined` when there is none. */
  get earliestStoreTime(): number | undefined {
    const first = firstEntry(this.#store)
    return first && new MessageExt(first.value, 0).storeTimestamp
  }

  /** Records with their positions, the oldest first, from a position on. */
  from(position: number, limit: number): readonly { readonly position: number; readonly record: Buffer }[] {
    const range = { start: logKey(position), end: logKey(MAX_POSITION), limit }
    return this.#store.range('log', range).map(({ key, value }) => ({ position: readUint64(key, 0), record: value }))
  }
}

function firstEntry(store: KeyValueStore): Entry | undefined {
  return store.range('log', { start: logKey(0), end: logKey(MAX_POSITION), limit: 1 })[0]
}
