import type { CommitLog } from './commit-log.ts'
import type { ConsumeQueues, QueueEntry } from './consume-queue.ts'
import type { TopicTable } from './topic-table.ts'

/** Java's names (`GetMessageStatus`); they travel as remarks. */
export type ReadStatus =
  | 'FOUND'
  | 'NO_MATCHED_MESSAGE'
  | 'MESSAGE_WAS_REMOVING'
  | 'NO_MESSAGE_IN_QUEUE'
  | 'OFFSET_TOO_SMALL'
  | 'OFFSET_OVERFLOW_ONE'
  | 'OFFSET_OVERFLOW_BADLY'

/** What was found in a queue, and where to go on. */
export interface ReadResult {
  readonly status: ReadStatus
  readonly records: readonly Buffer[]
  readonly nextBeginOffset: number
  readonly min: number
  readonly max: number
}

/** What to read. */
export interface ReadRequest {
  readonly topic: string
  readonly queueId: number
  readonly offset: number
  readonly maxMessages: number
  /** Whether a message with this tags hash is wanted; absent for all. */
  readonly wanted?: ((tagsCode: number) => boolean) | undefined
  /** Whether a message with this record is wanted; absent for all. */
  readonly matches?: ((record: Buffer) => boolean) | undefined
}

/** Java's limits: messages and bytes of one answer (`maxTransferCountOnMessageInMemory` …), entries looked at. */
const MAX_MESSAGES = 32
const MAX_BYTES = 256 * 1024
const MAX_EXAMINED = 800

/** Reads queues as a pull does (`DefaultMessageStore#getMessage`). */
export class QueueReader {
  readonly #parts: { readonly topics: TopicTable; readonly queues: ConsumeQueues; readonly log: CommitLog }

  constructor(parts: { readonly topics: TopicTable; readonly queues: ConsumeQueues; readonly log: CommitLog }) {
    this.#parts = parts
  }

  read(request: ReadRequest): ReadResult {
    const topic = this.#parts.topics.get(request.topic)
    const { min, max } = topic ? this.#parts.queues.state(topic.id, request.queueId) : { min: 0, max: 0 }
    const none = (status: ReadStatus, nextBeginOffset: number): ReadResult => ({
      status,
      records: [],
      nextBeginOffset,
      min,
      max,
    })
    const { offset } = request
    if (topic === undefined || max === 0) return none('NO_MESSAGE_IN_QUEUE', 0)
    if (offset < min) return none('OFFSET_TOO_SMALL', min)
    if (offset === max) return none('OFFSET_OVERFLOW_ONE', offset)
    if (offset > max) return none('OFFSET_OVERFLOW_BADLY', max)
    const { records, next, removed } = this.#scan(topic.id, request, max)
    if (records.length > 0) return { status: 'FOUND', records, nextBeginOffset: next, min, max }
    return none(removed ? 'MESSAGE_WAS_REMOVING' : 'NO_MATCHED_MESSAGE', next)
  }

  #scan(topicId: number, request: ReadRequest, max: number): Scan {
    const scan = new Scan(request)
    const stopAt = Math.min(max, request.offset + MAX_EXAMINED)
    while (!scan.full && scan.next < stopAt) {
      const limit = Math.min(scan.maxMessages, stopAt - scan.next)
      const entries = this.#parts.queues.entries(topicId, request.queueId, scan.next, limit)
      for (const entry of entries) scan.take(entry, this.#parts.log)
      if (entries.length === 0) scan.skipTo(max)
    }
    return scan
  }
}

/** Collects records until there are enough. */
class Scan {
  readonly maxMessages: number
  readonly records: Buffer[] = []
  readonly #request: ReadRequest
  #bytes = 0
  next: number
  /** Whether records were missing that the queue names. */
  removed = false
  full = false

  constructor(request: ReadRequest) {
    this.maxMessages = Math.min(Math.max(request.maxMessages, 1), MAX_MESSAGES)
    this.#request = request
    this.next = request.offset
  }

  take(entry: QueueEntry, log: CommitLog): void {
    if (this.full) return
    const { wanted, matches } = this.#request
    if (wanted === undefined || wanted(entry.tagsCode)) {
      this.full = this.records.length > 0 && this.#bytes + entry.bytes > MAX_BYTES
      if (this.full) return
      const record = log.read(entry.position)
      if (record === undefined) this.removed = true
      else if (matches === undefined || matches(record)) this.#keep(record, entry)
    }
    this.next = entry.queueOffset + 1
    this.full = this.records.length >= this.maxMessages
  }

  #keep(record: Buffer, { bytes }: QueueEntry): void {
    this.records.push(record)
    this.#bytes += bytes
  }

  /** Nothing is there before `offset`. */
  skipTo(offset: number): void {
    this.removed = true
    this.next = offset
  }
}
