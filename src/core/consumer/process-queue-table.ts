import { type MessageQueue, QueueMap, RETRY_PREFIX } from '../protocol/index.ts'
import { abortReason, afterInput, type Clock, type TaskScope } from '../support/index.ts'
import type { QueueLease } from './lock/queue-lease.ts'
import type { QueueLocks } from './lock/queue-locks.ts'
import type { OffsetStore } from './offset/offset-store.ts'
import type { StartOffset } from './offset/pull-from-where.ts'
import { ProcessQueue } from './process-queue.ts'
import { PullLoop, type PullLoopParts } from './pull/pull-loop.ts'

/** What the table needs from the consumer. */
export interface ProcessQueueTableParts {
  readonly clock: Clock
  readonly scope: TaskScope
  readonly offsets: OffsetStore
  readonly pullParts: PullLoopParts
  /** Where a queue begins. Rejects when a broker did not answer. */
  readonly startOf: (queue: MessageQueue) => Promise<StartOffset>
  /** Resolves when no listener call of the queue runs, or the time for that is over. */
  readonly drained: (processQueue: ProcessQueue) => Promise<boolean>
  /** Where queues are consumed in order: a queue is locked before it is taken, and unlocked when it is given up. */
  readonly locks?: Pick<QueueLocks, 'acquire' | 'release'> | undefined
  /** A queue is free: whoever waits for it may rebalance. */
  readonly released: (queue: MessageQueue) => void
}

/** A queue this consumer owns, or is giving up. */
export interface HeldQueue {
  readonly messageQueue: MessageQueue
  readonly processQueue: ProcessQueue
  readonly pullLoop: PullLoop
  readonly start: StartOffset
  /** Given up; its running calls are ending. */
  readonly releasing: boolean
  /** Owned, but nobody pulls it any more: its loop has ended by a fault. */
  readonly stalled: boolean
}

class Entry implements HeldQueue {
  readonly processQueue: ProcessQueue
  readonly pullLoop: PullLoop
  readonly start: StartOffset
  releasing = false

  constructor(processQueue: ProcessQueue, pullLoop: PullLoop, start: StartOffset) {
    this.processQueue = processQueue
    this.pullLoop = pullLoop
    this.start = start
  }

  get messageQueue(): MessageQueue {
    return this.processQueue.messageQueue
  }

  get stalled(): boolean {
    return this.pullLoop.ended
  }
}

/** Before a queue goes on at the very offset it came from: a broker that says so again and again must not be asked all the time. */
const SAME_OFFSET_DELAY_MS = 1000

/**
 * The queues of a consumer (`RebalanceImpl#processQueueTable`). Giving one up is gentle: nothing more is handed out,
 * running calls end and count, their offset is stored, and only then is the queue forgotten.
 */
export class ProcessQueueTable {
  readonly #parts: ProcessQueueTableParts
  readonly #entries = new QueueMap<Entry>()
  #shared = 0
  #telling = false

  constructor(parts: ProcessQueueTableParts) {
    this.#parts = parts
    const { signal } = parts.scope
    // One for all: a thousand idle queues need no signal each.
    const end = (): void => {
      for (const { pullLoop } of this.#entries.values()) pullLoop.stop(abortReason(signal))
    }
    signal.addEventListener('abort', end, { once: true })
  }

  /** Queues owned or being given up. */
  get all(): readonly HeldQueue[] {
    return this.#entries.values()
  }

  /** How many are owned or being given up. */
  get size(): number {
    return this.#entries.size
  }

  /** How many of those are of topics somebody produces to; a retry topic takes what is left over. */
  get shared(): number {
    return this.#shared
  }

  /** Queues owned. */
  get owned(): readonly HeldQueue[] {
    return this.all.filter((entry) => !entry.releasing)
  }

  get(queue: MessageQueue): HeldQueue | undefined {
    return this.#entries.get(queue)
  }

  /**
   * Takes a queue and begins to pull it. Resolves to false when it is held already, or locked by another member; rejects
   * when its start is unknown.
   */
  async acquire(queue: MessageQueue): Promise<boolean> {
    const { offsets, locks } = this.#parts
    if (!this.#mayTake(queue)) return false
    const lease = await locks?.acquire(queue)
    if (locks !== undefined && lease === undefined) return false
    try {
      offsets.remove(queue)
      // Only now: before the lock was ours, another member could still move the offset.
      const start = await this.#parts.startOf(queue)
      // The consumer may have been closed during the question, or the queue taken, or its lock lost.
      if (!this.#mayTake(queue) || lease?.lost.aborted) return false
      this.#begin(queue, start, lease)
      return true
    } finally {
      if (lease !== undefined && this.get(queue)?.processQueue.lease !== lease) await this.#unlock(lease)
    }
  }

  /**
   * Gives a queue up; resolves when it is forgotten. Its offset is stored before it is unlocked: Java unlocks first, so that
   * the next owner may read an old one.
   */
  async release(queue: MessageQueue): Promise<void> {
    const entry = this.#entries.get(queue)
    if (entry === undefined || entry.releasing) return
    this.#stop(entry)
    await this.#callsEnded(entry)
    // Its lock may have been lost meanwhile.
    if (!this.#isCurrent(entry)) return
    await this.#parts.offsets.persist([queue])
    const { lease } = entry.processQueue
    if (lease !== undefined) await this.#parts.locks?.release([lease])
    if (!this.#isCurrent(entry)) return
    this.#forget(entry)
    lease?.lose()
    this.#parts.released(queue)
  }

  /** Unlocks all queues, whose offsets are stored; what still runs is told that it does not count. */
  async unlockAll(): Promise<void> {
    const leases = this.#entries.values().flatMap(({ processQueue: { lease } }) => lease ?? [])
    await this.#parts.locks?.release(leases)
    for (const entry of this.#entries.values()) entry.processQueue.dropped = true
    this.#entries.clear()
    for (const lease of leases) lease.lose()
  }

  /**
   * Goes on at another offset, which is stored at once; what is running does not count any more. Resolves when the
   * broker has the offset, or has not answered: the queue then goes on there all the same, and the offset is stored
   * with the next persist.
   */
  async moveTo(queue: MessageQueue, offset: number): Promise<void> {
    const { clock, scope, offsets } = this.#parts
    const entry = this.#entries.get(queue)
    if (entry === undefined) return
    const owned = !entry.releasing
    this.#stop(entry)
    entry.processQueue.dropped = true
    entry.processQueue.clear()
    offsets.updateAndFreeze(queue, offset)
    // Being given up already: its release stores the new offset.
    if (!owned) return
    await offsets.persist([queue])
    if (offset === entry.start.offset) await clock.sleep(SAME_OFFSET_DELAY_MS, { signal: scope.signal })
    if (isAborted(scope.signal) || !this.#isCurrent(entry)) return
    this.#forget(entry)
    this.#begin(queue, { offset, committed: true }, entry.processQueue.lease)
    // A rebalance could not touch it meanwhile.
    this.#parts.released(queue)
  }

  /**
   * Goes on at another offset, of which the store hears only when it is committed; what was handed out does not count
   * any more. Tells whether the queue is owned.
   */
  seek(queue: MessageQueue, offset: number): boolean {
    const entry = this.#entries.get(queue)
    if (entry === undefined || entry.releasing) return false
    this.#stop(entry)
    entry.processQueue.dropped = true
    entry.processQueue.clear()
    this.#begin(queue, { offset, committed: false, sought: true }, undefined)
    return true
  }

  /** Ends pulling and handing out of all queues; their state stays until the process ends. */
  revokeAll(): void {
    for (const entry of this.#entries.values()) this.#stop(entry)
  }

  #begin(queue: MessageQueue, start: StartOffset, lease: QueueLease | undefined): void {
    const { clock, scope, offsets, pullParts } = this.#parts
    // Stored with the next persist even if nothing is consumed: a restart then begins where this one did.
    if (!start.sought) offsets.update(queue, start.offset, { increaseOnly: false })
    const processQueue = new ProcessQueue(queue, clock.now(), { lease })
    const pullLoop = new PullLoop(pullParts, processQueue, start.offset)
    const entry = new Entry(processQueue, pullLoop, start)
    if (isShared(queue) && !this.#entries.has(queue)) this.#shared += 1
    this.#entries.set(queue, entry)
    this.#changed()
    lease?.lost.addEventListener(
      'abort',
      () => {
        this.#lost(entry)
      },
      { once: true },
    )
    const name = (): string => `pulling ${queue.topic} ${queue.brokerName}:${queue.queueId}`
    scope.run(name, () => pullLoop.run())
  }

  /** What is finished before is stored at once: a new owner does not wait as long as a call may take, one in Java not at all. */
  async #callsEnded({ messageQueue, processQueue }: Entry): Promise<void> {
    const { offsets, drained } = this.#parts
    const { ready, backlog } = processQueue
    const isCalled = backlog.count > ready
    await Promise.all([drained(processQueue), isCalled ? offsets.persist([messageQueue]) : undefined])
  }

  /** Another member may have had the queue meanwhile: nothing that is known of it counts, and it is taken anew. */
  #lost(entry: Entry): void {
    if (!this.#isCurrent(entry)) return
    this.#stop(entry)
    entry.processQueue.dropped = true
    entry.processQueue.clear()
    this.#forget(entry)
    this.#parts.released(entry.messageQueue)
  }

  #mayTake(queue: MessageQueue): boolean {
    return !this.#entries.has(queue) && !this.#parts.scope.signal.aborted
  }

  #isCurrent(entry: Entry): boolean {
    return this.#entries.get(entry.messageQueue) === entry
  }

  async #unlock(lease: QueueLease): Promise<void> {
    await this.#parts.locks?.release([lease])
    lease.lose()
  }

  #stop(entry: Entry): void {
    entry.releasing = true
    entry.processQueue.revoke()
    entry.pullLoop.stop(new DOMException('the queue is given up', 'AbortError'))
  }

  #forget(entry: Entry): void {
    entry.processQueue.dropped = true
    this.#parts.offsets.remove(entry.messageQueue)
    if (this.#entries.delete(entry.messageQueue) && isShared(entry.messageQueue)) this.#shared -= 1
    this.#changed()
  }

  /** Thresholds are shared out anew, once for all that is taken or forgotten in one turn. */
  #changed(): void {
    if (this.#telling) return
    this.#telling = true
    afterInput(() => {
      this.#telling = false
      this.#entries.forEach(({ processQueue }) => {
        processQueue.limitsChanged()
      })
    })
  }
}

/** A retry topic takes what is left over. */
function isShared({ topic }: MessageQueue): boolean {
  return !topic.startsWith(RETRY_PREFIX)
}

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted
}
