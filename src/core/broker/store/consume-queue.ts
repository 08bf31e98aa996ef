import type { KeyValueStore, Write } from './key-value-store.ts'
import { configKey, MAX_UINT48, queueKeyOf, readUint64, writeUint64 } from './keys.ts'

/** One entry of a consume queue: where the record lies, and the hash of its tags (or its due time, in the schedule topic). */
export interface QueueEntry {
  readonly queueOffset: number
  readonly position: number
  readonly bytes: number
  readonly tagsCode: number
}

/** The bounds of one queue. */
export interface QueueState {
  /** The first offset that is still there. */
  min: number
  /** The offset after the last one consumers may see. */
  max: number
  /** The offset the next message gets; ahead of `max` while messages are being written. */
  next: number
}

const ENTRY_BYTES = 20

/** The consume queues of all topics (`ConsumeQueue.java`): queue offset → commit-log offset. */
export class ConsumeQueues {
  readonly #store: KeyValueStore
  readonly #states = new Map<number, Map<number, QueueState>>()

  constructor(store: KeyValueStore) {
    this.#store = store
  }

  /** The bounds of a queue, read from the store when first asked for. */
  state(topicId: number, queueId: number): QueueState {
    let queues = this.#states.get(topicId)
    if (queues === undefined) this.#states.set(topicId, (queues = new Map<number, QueueState>()))
    let state = queues.get(queueId)
    if (state === undefined) queues.set(queueId, (state = this.#load(topicId, queueId)))
    return state
  }

  /** Entries from `from` on, at most `limit`, none that consumers may not see yet. */
  entries(topicId: number, queueId: number, from: number, limit: number): readonly QueueEntry[] {
    const { max } = this.state(topicId, queueId)
    if (from >= max) return []
    const start = queueKeyOf(topicId, queueId, from)
    const end = queueKeyOf(topicId, queueId, max)
    return this.#store.range('queue', { start, end, limit }).map(({ key, value }) => readEntry(key, value))
  }

  /** One entry; `undefined` when it is not there. */
  entry(topicId: number, queueId: number, queueOffset: number): QueueEntry | undefined {
    const key = queueKeyOf(topicId, queueId, queueOffset)
    const value = this.#store.get('queue', key)
    return value && readEntry(key, value)
  }

  /** What to write for a new entry. */
  put(topicId: number, queueId: number, entry: QueueEntry): Write {
    const value = Buffer.allocUnsafe(ENTRY_BYTES)
    writeUint64(value, entry.position, 0)
    value.writeUInt32BE(entry.bytes, 8)
    value.writeBigInt64BE(BigInt(entry.tagsCode), 12)
    return { table: 'queue', key: queueKeyOf(topicId, queueId, entry.queueOffset), value }
  }

  /** What to write to remove an entry. */
  remove(topicId: number, queueId: number, queueOffset: number): Write {
    return { table: 'queue', key: queueKeyOf(topicId, queueId, queueOffset), value: undefined }
  }

  /** What to write so that a queue keeps its offsets when its last entry is gone. */
  putFloor(topicId: number, queueId: number, min: number): Write {
    return { table: 'config', key: floorKey(topicId, queueId), value: Buffer.from(String(min)) }
  }

  /** Forgets a deleted topic; what it stored is removed by its caller. */
  forget(topicId: number): void {
    this.#states.delete(topicId)
  }

  #load(topicId: number, queueId: number): QueueState {
    const lowest = queueKeyOf(topicId, queueId, 0)
    const highest = queueKeyOf(topicId, queueId, MAX_UINT48)
    const [first] = this.#store.range('queue', { start: lowest, end: highest, limit: 1 })
    if (first === undefined) {
      const floor = Number(this.#store.get('config', floorKey(topicId, queueId))?.toString() ?? 0)
      return { min: floor, max: floor, next: floor }
    }
    const [last] = this.#store.range('queue', { start: highest, end: lowest, limit: 1, reverse: true })
    const max = offsetOf(last?.key ?? first.key) + 1
    return { min: offsetOf(first.key), max, next: max }
  }
}

function floorKey(topicId: number, queueId: number): Buffer {
  return configKey('floor', `${topicId}/${queueId}`)
}

function offsetOf(key: Buffer): number {
  return key.readUIntBE(6, 6)
}

function readEntry(key: Buffer, value: Buffer): QueueEntry {
  return {
    queueOffset: offsetOf(key),
    position: readUint64(value, 0),
    bytes: value.readUInt32BE(8),
    tagsCode: Number(value.readBigInt64BE(12)),
  }
}
