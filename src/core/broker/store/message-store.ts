import {
  encodeProperties,
  encodeStoredMessage,
  type Host,
  javaHash,
  MessageExt,
  PropertyName,
} from '../../protocol/index.ts'
import type { Clock } from '../../support/index.ts'
import type { CommitLog } from './commit-log.ts'
import type { ConsumeQueues, QueueState } from './consume-queue.ts'
import type { DueTable } from './due-table.ts'
import type { Journal } from './journal.ts'
import type { Write } from './key-value-store.ts'
import type { MessageIndex } from './message-index.ts'
import type { TopicTable } from './topic-table.ts'

/** A message to be stored. */
export interface IncomingMessage {
  readonly topic: string
  readonly queueId: number
  readonly flag: number
  readonly sysFlag: number
  readonly bornTimestamp: number
  readonly bornHost: Host
  readonly reconsumeTimes: number
  /** As sent: compressed if `sysFlag` says so. */
  readonly body: Buffer
  readonly properties: ReadonlyMap<string, string>
  /** For a message that waits: when it is to be delivered, and its delay level (0 for a time of its own). */
  readonly wait?: { readonly dueMs: number; readonly level: number } | undefined
}

/** Where a message was stored. */
export interface StoredAt {
  readonly topic: string
  readonly queueId: number
  readonly queueOffset: number
  readonly position: number
  readonly tagsCode: number
  readonly dueMs: number | undefined
}

/** What a message store is made of. */
export interface MessageStoreParts {
  readonly clock: Clock
  readonly journal: Journal
  readonly log: CommitLog
  readonly queues: ConsumeQueues
  readonly index: MessageIndex
  readonly due: DueTable
  readonly topics: TopicTable
  /** The address in message ids, at which clients reach this broker; asked for each time. */
  readonly storeHost: () => Host
  /** Told of every message when it is on disk and consumers may see it, in order. */
  readonly onStored: (stored: StoredAt) => void
}

/**
 * Stores messages: record, queue entry, keys and due time in one transaction. Offsets and times are given in the order of
 * the calls; consumers see a message when it is on disk.
 */
export class MessageStore {
  readonly #parts: MessageStoreParts
  #pendingBytes = 0

  constructor(parts: MessageStoreParts) {
    this.#parts = parts
  }

  /** Now, by the store's time, which never goes backwards. */
  now(): number {
    return this.#parts.log.storeTime(this.#parts.clock.now())
  }

  /**
   * Stores messages, and `alongside` with them, all or nothing; resolves when they are on disk. Their topics must exist.
   * Rejects with StorageError when the disk fails.
   */
  async append(messages: readonly IncomingMessage[], alongside: readonly Write[] = []): Promise<readonly StoredAt[]> {
    const writes: Write[] = [...alongside]
    const stored: StoredAt[] = []
    const states: QueueState[] = []
    for (const message of messages) {
      const topic = this.#parts.topics.get(message.topic)
      if (topic === undefined) throw new RangeError(`topic ${message.topic} does not exist`)
      const state = this.#parts.queues.state(topic.id, message.queueId)
      states.push(state)
      stored.push(this.#append(message, topic.id, state, writes))
    }
    const bytes = writes.reduce((sum, { value }) => sum + (value?.length ?? 0), 0)
    this.#pendingBytes += bytes
    const durable = this.#parts.journal.write(writes, () => {
      stored.forEach((at, index) => {
        const state = states[index]
        if (state) state.max = at.queueOffset + 1
      })
      for (const at of stored) this.#parts.onStored(at)
    })
    try {
      await durable
    } finally {
      this.#pendingBytes -= bytes
    }
    return stored
  }

  /** How much has been taken and is not on disk yet, in bytes. */
  get pendingBytes(): number {
    return this.#pendingBytes
  }

  /** The bounds of a queue; of an unknown topic all zero. */
  bounds(topic: string, queueId: number): Pick<QueueState, 'min' | 'max'> {
    const found = this.#parts.topics.get(topic)
    return found ? this.#parts.queues.state(found.id, queueId) : { min: 0, max: 0 }
  }

  /** The record at a commit-log position; `undefined` when none begins there. */
  at(position: number): MessageExt | undefined {
    const record = this.#parts.log.read(position)
    return record && new MessageExt(record, 0)
  }

  /** The record at an offset of a queue. */
  atOffset(topic: string, queueId: number, queueOffset: number): MessageExt | undefined {
    const found = this.#parts.topics.get(topic)
    if (found === undefined || queueOffset < 0) return undefined
    const entry = this.#parts.queues.entry(found.id, queueId, queueOffset)
    return entry && this.at(entry.position)
  }

  /** When the message at an offset was stored, in ms; 0 when there is none. */
  storeTimeAt(topic: string, queueId: number, queueOffset: number): number {
    return this.atOffset(topic, queueId, queueOffset)?.storeTimestamp ?? 0
  }

  #append(message: IncomingMessage, topicId: number, state: QueueState, writes: Write[]): StoredAt {
    const { log, queues, index, due } = this.#parts
    const storeTimestamp = this.now()
    const queueOffset = state.next
    const position = log.next
    const record = encodeStoredMessage({
      ...message,
      queueOffset,
      physicalOffset: BigInt(position),
      storeTimestamp,
      storeHost: this.#parts.storeHost(),
      preparedTransactionOffset: 0n,
      properties: encodeProperties(message.properties),
    })
    log.advance(record.length)
    state.next += 1
    const { wait } = message
    const tagsCode = wait?.dueMs ?? javaHash(message.properties.get(PropertyName.TAGS) ?? '')
    const { properties, topic, queueId } = message
    writes.push(log.put(position, record))
    writes.push(queues.put(topicId, queueId, { queueOffset, position, bytes: record.length, tagsCode }))
    if (wait) writes.push(due.put({ ...wait, position, queueOffset }))
    // Under the topic it waits in, too: that is how a retry is found that is not due yet.
    writes.push(...index.put({ topic, properties, storeTimestamp, position }))
    return { topic, queueId, queueOffset, position, tagsCode, dueMs: wait?.dueMs }
  }
}
