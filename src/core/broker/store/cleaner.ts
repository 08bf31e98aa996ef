import { MessageExt } from '../../protocol/index.ts'
import type { CommitLog } from './commit-log.ts'
import type { ConsumeQueues, QueueState } from './consume-queue.ts'
import { SCHEDULE_TOPIC, TIMER_TOPIC } from './delay-levels.ts'
import type { DueTable } from './due-table.ts'
import type { Journal } from './journal.ts'
import type { KeyValueStore, Range, TableName, Write } from './key-value-store.ts'
import { configKey, prefixRange, queueKeyOf } from './keys.ts'
import type { MessageIndex } from './message-index.ts'
import type { TopicTable } from './topic-table.ts'

/** What a cleaner works on. */
export interface CleanerParts {
  readonly store: KeyValueStore
  readonly journal: Journal
  readonly log: CommitLog
  readonly queues: ConsumeQueues
  readonly index: MessageIndex
  readonly due: DueTable
  readonly topics: TopicTable
  /** Runs work that nobody waits for. */
  readonly inBackground: (what: string, work: () => Promise<void>) => void
}

/** What is to go: records older than a time, and records before a position. */
export interface Expiry {
  readonly beforeMs: number
  readonly belowPosition: number
}

/** Rows of one transaction: small, so that senders hardly wait. */
const ROWS = 1000
const RECORDS = 100

/** Removes what is no longer wanted: old messages, and what deleted topics left behind. */
export class Cleaner {
  readonly #parts: CleanerParts

  constructor(parts: CleanerParts) {
    this.#parts = parts
  }

  /** Removes a deleted topic's queues, soon. Its records stay in the log until they are old. */
  removeTopic(topicId: number): void {
    this.#parts.queues.forget(topicId)
    this.#parts.inBackground('removing a deleted topic', () => this.#removeQueues(topicId))
  }

  /** Removes the queues of topics that are not there any more: a crash may have come before they were. */
  async removeOrphans(): Promise<void> {
    const known = new Set([...this.#parts.topics.all().values()].map(({ id }) => id))
    let from = 0
    for (;;) {
      const range = { start: queueKeyOf(from, 0, 0), end: queueKeyOf(0xffff_ffff, 0, 0), limit: 1 }
      const [first] = this.#parts.store.range('queue', range)
      if (first === undefined) return
      const topicId = first.key.readUInt32BE(0)
      if (!known.has(topicId)) await this.#removeQueues(topicId)
      from = topicId + 1
    }
  }

  /**
   * Removes old messages, the oldest first, and resolves to how many. A message that waits for its time stays, and so does the
   * newest record: it tells where the log ends.
   */
  async expire(expiry: Expiry): Promise<number> {
    let removed = 0
    let from = 0
    for (;;) {
      const { expired, next } = this.#expired(expiry, from)
      if (next === from) break
      from = next
      await this.#remove(expired)
      removed += expired.length
    }
    await this.#removeAll(() => this.#parts.index.before(expiry.beforeMs, ROWS))
    return removed
  }

  /** What is to go among the records from a position on, and where to look next; the same position when there is no more. */
  #expired(
    { beforeMs, belowPosition }: Expiry,
    from: number,
  ): { readonly expired: readonly MessageExt[]; readonly next: number } {
    const expired: MessageExt[] = []
    let next = from
    for (const { position, record } of this.#parts.log.from(from, RECORDS + 1).slice(0, -1)) {
      const message = new MessageExt(record, 0)
      if (message.storeTimestamp >= beforeMs && position >= belowPosition) break
      if (!this.#waits(message, position)) expired.push(message)
      next = position + record.length
    }
    return { expired, next }
  }

  #waits(message: MessageExt, position: number): boolean {
    const { topics, queues, due } = this.#parts
    const topic = message.storedTopic
    if (topic !== SCHEDULE_TOPIC && topic !== TIMER_TOPIC) return false
    const entry = queues.entry(topics.get(topic)?.id ?? 0, message.queueId, message.queueOffset)
    return entry !== undefined && due.has(entry.tagsCode, position)
  }

  async #remove(messages: readonly MessageExt[]): Promise<void> {
    if (messages.length === 0) return
    const { log, queues, journal } = this.#parts
    const writes: Write[] = []
    const floors = new Map<QueueState, { readonly topicId: number; readonly queueId: number; readonly min: number }>()
    for (const message of messages) {
      const position = Number(message.commitLogOffset)
      writes.push(log.remove(position))
      const { queueId, queueOffset } = message
      const topicId = this.#parts.topics.get(message.storedTopic)?.id
      // The record may be of an earlier topic of the same name.
      if (topicId === undefined || queues.entry(topicId, queueId, queueOffset)?.position !== position) continue
      writes.push(queues.remove(topicId, queueId, queueOffset))
      floors.set(queues.state(topicId, queueId), { topicId, queueId, min: queueOffset + 1 })
    }
    for (const { topicId, queueId, min } of floors.values()) writes.push(queues.putFloor(topicId, queueId, min))
    await journal.write(writes, () => {
      for (const [state, { min }] of floors) state.min = Math.max(state.min, min)
    })
  }

  async #removeQueues(topicId: number): Promise<void> {
    const queues = { start: queueKeyOf(topicId, 0, 0), end: queueKeyOf(topicId + 1, 0, 0), limit: ROWS }
    await this.#removeAll(() => this.#removals('queue', queues))
    const floors = { ...prefixRange(configKey('floor', `${topicId}/`)), limit: ROWS }
    await this.#removeAll(() => this.#removals('config', floors))
  }

  #removals(table: TableName, range: Range): readonly Write[] {
    return this.#parts.store.range(table, range).map(({ key }) => ({ table, key, value: undefined }))
  }

  async #removeAll(next: () => readonly Write[]): Promise<void> {
    for (let writes = next(); writes.length > 0; writes = next()) await this.#parts.journal.write(writes)
  }
}
