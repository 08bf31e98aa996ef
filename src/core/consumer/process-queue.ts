import { type MessageExt, type MessageQueue } from '../protocol/index.ts'

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
  /** Held by the broker's lock (orderly consumption). */
  locked = false
  lastLockTimestamp = 0
  lastPullTimestamp: number
  lastConsumeTimestamp: number

  #ring: (MessageExt | undefined)[] = new Array<MessageExt | undefined>(FIRST_CAPACITY)
  /** Sequence numbers: finished < head ≤ unfinished < tail; take continues at next. */
  #head = 0
  #next = 0
  #tail = 0
  #count = 0
  #sizeBytes = 0
  #highestOffset = -1
  #onRoom: (() => void) | undefined
  #revoked = false
  readonly #anyOrder: boolean
  readonly #finished: ((message: MessageExt) => void) | undefined

  constructor(messageQueue: MessageQueue, now: number, options: ProcessQueueOptions = {}) {
    this.messageQueue = messageQueue
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

  /** Takes up to `max` messages in order; `undefined` when there is none or the queue is revoked. */
  take(max: number): Batch | undefined {
    // Where one was withdrawn is nothing.
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
    this.#ring = new Array<MessageExt | undefined>(FIRST_CAPACITY)
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
    while (this.#head < this.#next && this.#at(this.#head) === undefined) this.#head += 1
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
    const grown = new Array<MessageExt | undefined>(this.#ring.length * 2)
    for (let sequence = this.#head; sequence < this.#tail; sequence++) {
      grown[sequence & (grown.length - 1)] = this.#at(sequence)
    }
    this.#ring = grown
  }
}
