import type { Journal } from './journal.ts'
import type { KeyValueStore } from './key-value-store.ts'
import { offsetKey, readOffsetKey } from './keys.ts'

/** How far a group has come in one queue. */
export interface CommittedOffset {
  readonly offset: number
  /** Set by a reset and not yet taken up by the group's next pull. */
  readonly resetPending: boolean
}

/** Committed offsets of all groups (`ConsumerOffsetManager.java`); on disk with the next commit, at most 200 ms later. */
export class OffsetTable {
  readonly #journal: Journal
  /** Group → topic → queue. */
  readonly #groups = new Map<string, Map<string, Map<number, CommittedOffset>>>()
  /** Where groups have pulled to; not kept across restarts. */
  readonly #pulled = new Map<string, number>()

  constructor(options: { readonly store: KeyValueStore; readonly journal: Journal }) {
    this.#journal = options.journal
    const all = { start: Buffer.alloc(0, 0), end: Buffer.of(0xff) }
    for (const { key, value } of options.store.range('offset', all)) {
      const { group, topic, queueId } = readOffsetKey(key)
      const offset = Number(value.readBigInt64BE(0))
      this.#queues(group, topic).set(queueId, { offset, resetPending: value[8] === 1 })
    }
  }

  get(group: string, topic: string, queueId: number): CommittedOffset | undefined {
    return this.#groups.get(group)?.get(topic)?.get(queueId)
  }

  /** Takes a group's word for how far it is. Does nothing and returns false while a reset is pending for the queue. */
  commit(group: string, topic: string, queueId: number, offset: number): boolean {
    const known = this.get(group, topic, queueId)
    if (known?.resetPending === true) return false
    if (known?.offset !== offset) this.#put(group, topic, queueId, { offset, resetPending: false })
    return true
  }

  /** Sets the offset, to be taken up by the group's next pull; commits are refused until then. */
  reset(group: string, topic: string, queueId: number, offset: number): void {
    this.#put(group, topic, queueId, { offset, resetPending: true })
  }

  /** The offset a pending reset asks for, which is hereby taken up. */
  takeReset(group: string, topic: string, queueId: number): number | undefined {
    const known = this.get(group, topic, queueId)
    if (known?.resetPending !== true) return undefined
    this.#put(group, topic, queueId, { offset: known.offset, resetPending: false })
    return known.offset
  }

  /** Notes where a group's next pull of a queue will begin. */
  pulledTo(group: string, topic: string, queueId: number, offset: number): void {
    this.#pulled.set(pulledKey(group, topic, queueId), offset)
  }

  pulledOffset(group: string, topic: string, queueId: number): number | undefined {
    return this.#pulled.get(pulledKey(group, topic, queueId))
  }

  /** Every group that has committed something. */
  groups(): readonly string[] {
    return [...this.#groups.keys()]
  }

  /** The topics a group has offsets in. */
  topicsOf(group: string): readonly string[] {
    return [...(this.#groups.get(group)?.keys() ?? [])]
  }

  /** The offsets of a group in one topic, by queue. */
  queuesOf(group: string, topic: string): ReadonlyMap<number, CommittedOffset> {
    return this.#groups.get(group)?.get(topic) ?? new Map<number, CommittedOffset>()
  }

  deleteTopic(topic: string): void {
    for (const [group, topics] of this.#groups) {
      for (const queueId of topics.get(topic)?.keys() ?? []) this.#remove(group, topic, queueId)
      topics.delete(topic)
      if (topics.size === 0) this.#groups.delete(group)
    }
  }

  deleteGroup(group: string): void {
    for (const [topic, queues] of this.#groups.get(group) ?? []) {
      for (const queueId of queues.keys()) this.#remove(group, topic, queueId)
    }
    this.#groups.delete(group)
  }

  /** Resolves when all changes so far are on disk. */
  flush(): Promise<void> {
    return this.#journal.flush()
  }

  #put(group: string, topic: string, queueId: number, committed: CommittedOffset): void {
    this.#queues(group, topic).set(queueId, committed)
    const value = Buffer.alloc(9)
    value.writeBigInt64BE(BigInt(committed.offset), 0)
    value[8] = committed.resetPending ? 1 : 0
    this.#write(group, topic, queueId, value)
  }

  #remove(group: string, topic: string, queueId: number): void {
    this.#pulled.delete(pulledKey(group, topic, queueId))
    this.#write(group, topic, queueId, undefined)
  }

  #write(group: string, topic: string, queueId: number, value: Buffer | undefined): void {
    const key = offsetKey(group, topic, queueId)
    this.#journal.writeLazily(`offset ${pulledKey(group, topic, queueId)}`, { table: 'offset', key, value })
  }

  #queues(group: string, topic: string): Map<number, CommittedOffset> {
    let topics = this.#groups.get(group)
    if (topics === undefined) this.#groups.set(group, (topics = new Map<string, Map<number, CommittedOffset>>()))
    let queues = topics.get(topic)
    if (queues === undefined) topics.set(topic, (queues = new Map<number, CommittedOffset>()))
    return queues
  }
}

function pulledKey(group: string, topic: string, queueId: number): string {
  return `${group}\u0000${topic}\u0000${queueId}`
}
