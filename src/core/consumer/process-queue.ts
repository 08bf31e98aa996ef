import { type MessageExt, type MessageQueue } from '../protocol/index.ts'
import type { QueueLease } from './lock/queue-lease.ts'

/** Some messages of one queue, taken together and not yet finished. */
export interface Batch {
  readonly messages: MessageExt[]
  /** The place of the first message in the queue's sequence; the others follow it. */
  readonly first: number
}

/** What a queue holds, for flow control and for people. */
export interface Backlog {
  /** Messages pulled and not finished. */
  readonly count: number
  /** The bytes of their records. */
  readonly sizeBytes: number
  /** Distance between the lowest unfinished offset and the highest pulled one: how much a crash would repeat. */
  readonly span: number
}

/** How a queue differs from one that is pulled in the order of its offsets. */
export interface ProcessQueueOptions {
  /** Its messages come from several queues, in any order: what was popped. There is no offset to commit then. */
  readonly anyOrder?: boolean
  /** The broker's lock under which it is consumed in order. */
  readonly lease?: QueueLease | undefined
  /** Told of each message that is finished. */
  readonly finished?: (message: MessageExt) => void
}

const FIRST_CAPACITY = 64

/**
 * The messages of one queue that are pulled and not yet finished: where the pull side and the consume side meet
 * (`ProcessQueue.java`). One side puts in offset order, the other takes in that order and finishes in any order; the
 * offset to commit is always the lowest unfinished one, or one past the highest ever put.
 *
 * Messages lie in a ring by order of arrival, so gaps between offsets cost nothing and every step is constant time.
 */
export class ProcessQueue {
  readonly messageQueue: MessageQueue
  /** Results do not count any more. */
  dropped = false
  /** The broker's lock under which it is consumed in order; `undefined`: it needs none. */
  readonly lease: QueueLease | undefined
  lastPullTimestamp: number
  lastConsumeTimestamp: number

  /** Its length is a power of 2, or 0 as long as nothing was put: most queues of many are idle. */
  #ring: (MessageExt | undefined)[] = []
  /** Sequence numbers: finished < head ≤ unfinished < tail; take continues at next. */
  #head = 0
  #next = 0
  #tail = 0
  #count = 0
  #sizeBytes = 0
  #highestOffset = -1
  #onRoom: (() => void) | undefined
  #revoked = false
  /** The head at the last look, and since when it is that. */
  #headSeen = -1
  #headSince = 0
  readonly #anyOrder: boolean
  readonly #finished: ((message: MessageExt) => void) | undefined

  constructor(messageQueue: MessageQueue, now: number, options: ProcessQueueOptions = {}) {
    this.messageQueue = messageQueue
    this.lease = options.lease
    this.#anyOrder = options.anyOrder ?? false
    this.#finished = options.finished
    this.lastPullTimestamp = now
    this.lastConsumeTimestamp = now
  }

  /** Nobody may take from it any more; what is running still counts. */
  get revoked(): boolean {
    return this.#revoked
  }

  /** Ends handing out; for good. */
  revoke(): void {
    this.#revoked = true
    this.#onRoom?.()
  }

  get backlog(): Backlog {
    return { count: this.#count, sizeBytes: this.#sizeBytes, span: this.#span() }
  }

  /** Messages put and not yet taken. */
  get ready(): number {
    return this.#tail - this.#next
  }

  /** Messages ever put, and how many of them, from the first one on, are finished. */
  get sequence(): { readonly put: number; readonly finished: number } {
    return { put: this.#tail, finished: this.#head }
  }

  /** The lowest unfinished offset and the highest pulled one; 0 when nothing is unfinished. */
  get bounds(): { readonly min: number; readonly max: number } {
    if (this.#head === this.#tail) return { min: 0, max: 0 }
    return { min: this.#offsetAt(this.#head), max: this.#highestOffset }
  }

  /** The message that everything else waits for: the lowest unfinished one. */
  get head(): MessageExt | undefined {
    return this.#head === this.#tail ? undefined : this.#at(this.#head)
  }

  /** Since when the head has been that, to the time between two looks; `undefined` when nothing is unfinished. */
  get headSince(): number | undefined {
    return this.#head === this.#tail || this.#headSeen !== this.#head ? undefined : this.#headSince
  }

  /** Notes whether the head has moved since the last look: a time for each message would cost more than it says. */
  look(now: number): void {
    if (this.#head === this.#tail) this.#headSeen = -1
    else if (this.#headSeen !== this.#head) {
      this.#headSeen = this.#head
      this.#headSince = now
    }
  }

  /** The offset of the next message to take; 0 when there is none. */
  get nextOffset(): number {
    return this.#next === this.#tail ? 0 : this.#offsetAt(this.#next)
  }

  /** What is taken and not finished: its number, lowest and highest offset. Counted when asked for. */
  get taken(): { readonly count: number; readonly min: number; readonly max: number } {
    let count = 0
    let min = 0
    let max = 0
    for (let sequence = this.#head; sequence < this.#next; sequence++) {
      const message = this.#at(sequence)
      if (message === undefined) continue
      if (count === 0) min = message.queueOffset
      max = message.queueOffset
      count += 1
    }
    return { count, min, max }
  }

  /** Adds messages in offset order; one whose offset is not above all earlier ones is left out. */
  put(messages: readonly MessageExt[]): void {
    for (const message of messages) {
      if (message.queueOffset <= this.#highestOffset && !this.#anyOrder) continue
      if (this.#tail - this.#head === this.#ring.length) this.#grow()
      this.#ring[this.#tail & (this.#ring.length - 1)] = message
      this.#tail += 1
      this.#count += 1
      this.#sizeBytes += message.recordBytes
      if (!this.#anyOrder) this.#highestOffset = message.queueOffset
    }
  }

  /**
   * Takes up to `max` messages in order; `undefined` when there is none or the queue is revoked. A batch ends early
   * before a message that was given back with others and is finished already.
   */
  take(max: number): Batch | undefined {
    // Where one was withdrawn, or given back and finished, is nothing.
    while (this.#next < this.#tail && this.#at(this.#next) === undefined) this.#next += 1
    if (this.#revoked || this.#next === this.#tail) return undefined
    const first = this.#next
    const end = Math.min(this.#tail, first + max)
    const messages: MessageExt[] = []
    for (let sequence = first; sequence < end; sequence++) {
      const message = this.#at(sequence)
      if (message === undefined) break
      messages.push(message)
    }
    this.#next = first + messages.length
    return { messages, first }
  }

  /** What was taken from a place on is not taken any more, but for what is finished: it is taken again, in order. */
  giveBack(sequence: number): void {
    this.#next = Math.max(this.#head, Math.min(sequence, this.#next))
  }

  /** Finishes all that is taken, below a place if one is given. */
  finishTaken(below = this.#next): void {
    for (let sequence = this.#head, end = Math.min(below, this.#next); sequence < end; sequence++) this.finish(sequence)
  }

  /** Takes a message back that nobody has taken yet; false when somebody has, or it is finished. */
  withdraw(message: MessageExt): boolean {
    for (let sequence = this.#next; sequence < this.#tail; sequence++) {
      if (this.#at(sequence) !== message) continue
      this.#remove(sequence, message)
      return true
    }
    return false
  }

  /** Whether a taken message is still unfinished. */
  holds(sequence: number): boolean {
    return this.#taken(sequence) !== undefined
  }

  /** Finishes one taken message; doing so twice does nothing. */
  finish(sequence: number): void {
    const message = this.#taken(sequence)
    if (message === undefined) return
    this.#remove(sequence, message)
    this.#finished?.(message)
  }

  /** The offset up to which all is finished; `undefined` before anything was put and after {@link clear}. */
  get commitOffset(): number | undefined {
    if (this.#highestOffset < 0) return undefined
    return this.#head === this.#tail ? this.#highestOffset + 1 : this.#offsetAt(this.#head)
  }

  /** Calls back whenever there may be room again; one listener, the queue's pull loop. */
  onRoom(listener: (() => void) | undefined): void {
    this.#onRoom = listener
  }

  /** The limits of flow control have changed: a pull loop that waits for room looks again. */
  limitsChanged(): void {
    this.#onRoom?.()
  }

  /** Forgets all messages, and with them what may be committed; what runs finishes into nothing. */
  clear(): void {
    this.#ring = []
    this.#head = this.#tail
    this.#next = this.#tail
    this.#count = 0
    this.#sizeBytes = 0
    this.#highestOffset = -1
    this.#onRoom?.()
  }

  #remove(sequence: number, message: MessageExt): void {
    this.#ring[sequence & (this.#ring.length - 1)] = undefined
    this.#count -= 1
    this.#sizeBytes -= message.recordBytes
    while (this.#head < this.#tail && this.#at(this.#head) === undefined) this.#head += 1
    if (this.#next < this.#head) this.#next = this.#head
    this.#onRoom?.()
  }

  #taken(sequence: number): MessageExt | undefined {
    return sequence >= this.#head && sequence < this.#next ? this.#at(sequence) : undefined
  }

  #at(sequence: number): MessageExt | undefined {
    return this.#ring[sequence & (this.#ring.length - 1)]
  }

  #offsetAt(sequence: number): number {
    return this.#at(sequence)?.queueOffset ?? this.#highestOffset
  }

  #span(): number {
    return this.#head === this.#tail ? 0 : this.#highestOffset - this.#offsetAt(this.#head)
  }

  #grow(): void {
    const grown = new Array<MessageExt | undefined>(Math.max(FIRST_CAPACITY, this.#ring.length * 2))
    for (let sequence = this.#head; sequence < this.#tail; sequence++) {
      grown[sequence & (grown.length - 1)] = this.#at(sequence)
    }
    this.#ring = grown
  }
}
