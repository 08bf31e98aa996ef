import { javaHash, PropertyName } from '../../protocol/index.ts'
import type { KeyValueStore, Write } from './key-value-store.ts'
import { indexKey, MAX_POSITION, readUint64 } from './keys.ts'

const MINUTE_MS = 60_000
const PAGE = 64
const present = Buffer.of(1)

/** Which key to look for, and stored when. */
export interface IndexQuery {
  readonly topic: string
  readonly key: string
  readonly fromMs: number
  readonly untilMs: number
}

/**
 * Finds messages by key (`IndexService.java`). By hash only: the finder must look at what it finds. Ordered by the minute
 * of storing first, so that insertions stay close together.
 */
export class MessageIndex {
  readonly #store: KeyValueStore

  constructor(store: KeyValueStore) {
    this.#store = store
  }

  /** What to write for a message: an entry for its UNIQ_KEY and one for each of its keys. */
  put(message: IndexedMessage): Write[] {
    const minute = Math.floor(message.storeTimestamp / MINUTE_MS)
    return [...indexKeys(message.properties)].map((key) => ({
      table: 'index' as const,
      key: indexKey(minute, hashOf(message.topic, key), message.position),
      value: present,
    }))
  }

  /** Commit-log offsets of candidates, newest first. */
  *find(query: IndexQuery): Generator<number> {
    const hash = hashOf(query.topic, query.key)
    const first = minuteOf(query.fromMs)
    for (let minute = this.#newest(minuteOf(query.untilMs), first); minute !== undefined; ) {
      yield* this.#inMinute(minute, hash)
      minute = this.#newest(minute - 1, first)
    }
  }

  /** The keys of entries made before a time, at most `limit`. */
  before(timeMs: number, limit: number): readonly Write[] {
    const range = { start: indexKey(0, 0, 0), end: indexKey(minuteOf(timeMs), 0, 0), limit }
    return this.#store.range('index', range).map(({ key }) => ({ table: 'index', key, value: undefined }))
  }

  /** In pages: a key may be on very many messages. */
  *#inMinute(minute: number, hash: number): Generator<number> {
    const end = hash === 0 ? indexKey(minute - 1, 0xffff_ffff, MAX_POSITION) : indexKey(minute, hash - 1, MAX_POSITION)
    let start = indexKey(minute, hash, MAX_POSITION)
    for (;;) {
      const entries = this.#store.range('index', { start, end, limit: PAGE, reverse: true })
      for (const { key } of entries) yield readUint64(key, 8)
      const last = entries.at(-1)
      const position = last === undefined ? 0 : readUint64(last.key, 8)
      if (entries.length < PAGE || position === 0) return
      start = indexKey(minute, hash, position - 1)
    }
  }

  /** The newest minute that has entries, not after `minute` and not before `first`. */
  #newest(minute: number, first: number): number | undefined {
    if (minute < first) return undefined
    const start = indexKey(minute, 0xffff_ffff, MAX_POSITION)
    const end = indexKey(Math.max(0, first - 1), 0xffff_ffff, MAX_POSITION)
    return this.#store.range('index', { start, end, limit: 1, reverse: true })[0]?.key.readUInt32BE(0)
  }
}

/** What the index needs to know of a message. */
export interface IndexedMessage {
  readonly topic: string
  readonly properties: ReadonlyMap<string, string>
  readonly storeTimestamp: number
  readonly position: number
}

/** All keys a message can be found by. */
export function indexKeys(properties: ReadonlyMap<string, string>): ReadonlySet<string> {
  const keys = new Set((properties.get(PropertyName.KEYS) ?? '').split(' '))
  keys.add(properties.get(PropertyName.UNIQ_KEY) ?? '')
  keys.delete('')
  return keys
}

function hashOf(topic: string, key: string): number {
  return javaHash(`${topic}#${key}`) >>> 0
}

/** Times come from the wire: anything between 0 and what a key can hold. */
function minuteOf(timeMs: number): number {
  return Math.min(0xffff_fffe, Math.max(1, Math.floor(timeMs / MINUTE_MS)))
}
