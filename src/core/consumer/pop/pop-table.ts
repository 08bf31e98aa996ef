import { type MessageExt, type MessageQueue, queueKey, queueName } from '../../protocol/index.ts'
import type { Clock, TaskScope } from '../../support/index.ts'
import { ProcessQueue } from '../process-queue.ts'
import { PopLoop, type PopLoopParts } from './pop-loop.ts'

/** A queue this consumer pops; -1 stands for any queue of its broker. */
export interface PopQueue {
  readonly messageQueue: MessageQueue
  readonly processQueue: ProcessQueue
  /** Whether all that it held at first is finished. */
  readonly caughtUp: boolean
}

/** What the table needs from the consumer. */
export interface PopTableParts {
  readonly clock: Clock
  readonly scope: TaskScope
  readonly loopParts: PopLoopParts
  /** Told of every message that is finished. */
  readonly finished: (message: MessageExt) => void
  /** A loop has ended, or a queue has nothing unfinished any more: whoever waits for that may rebalance. */
  readonly released: () => void
}

interface Entry {
  readonly messageQueue: MessageQueue
  readonly processQueue: ProcessQueue
  readonly loop: PopLoop
  ended: boolean
}

/**
 * The queues a consumer pops (`RebalanceImpl#popProcessQueueTable`). Nobody owns such a queue alone, so one that is
 * given up is only not popped any more: what was popped is consumed here all the same.
 */
export class PopTable {
  readonly #parts: PopTableParts
  readonly #owned = new Map<string, Entry>()
  /** Given up and not at their end yet. */
  readonly #left = new Set<Entry>()

  constructor(parts: PopTableParts) {
    this.#parts = parts
  }

  /** Queues popped now. */
  get owned(): readonly PopQueue[] {
    return [...this.#owned.values()].map(queueOf)
  }

  /** Those, and those that still have something unfinished. */
  get all(): readonly PopQueue[] {
    return [...this.#owned.values(), ...this.#left].map(queueOf)
  }

  get size(): number {
    return this.#owned.size + this.#left.size
  }

  /** Whether a pop of the topic may still bring messages. */
  pops(topic: string): boolean {
    return [...this.#owned.values(), ...this.#left].some(
      ({ messageQueue, ended }) => messageQueue.topic === topic && !ended,
    )
  }

  /** Whether anything popped of the topic is unfinished, or may still come. */
  holds(topic: string): boolean {
    return this.all.some(({ messageQueue }) => messageQueue.topic === topic)
  }

  /** Makes the queues popped of a topic these; returns whether that was a change. */
  assign(topic: string, queues: readonly MessageQueue[]): boolean {
    const wanted = new Map(queues.map((queue) => [queueKey(queue), queue]))
    let changed = false
    for (const [key, entry] of this.#owned) {
      if (entry.messageQueue.topic !== topic || (wanted.has(key) && !entry.ended)) continue
      this.#leave(key, entry)
      changed = true
    }
    for (const [key, queue] of wanted) {
      if (this.#owned.has(key) || this.#parts.scope.signal.aborted) continue
      this.#begin(key, queue)
      changed = true
    }
    return changed
  }

  /** Ends handing out; for good. The loops end with their scope. */
  revokeAll(): void {
    for (const { processQueue } of [...this.#owned.values(), ...this.#left]) processQueue.revoke()
  }

  #begin(key: string, messageQueue: MessageQueue): void {
    const { clock, scope, loopParts, finished } = this.#parts
    const processQueue = new ProcessQueue(messageQueue, clock.now(), { anyOrder: true, finished })
    const loop = new PopLoop(loopParts, processQueue)
    const entry: Entry = { messageQueue, processQueue, loop, ended: false }
    this.#owned.set(key, entry)
    scope.run(`popping ${messageQueue.topic} ${queueName(messageQueue)}`, async (signal) => {
      try {
        await loop.run(signal)
      } finally {
        entry.ended = true
        this.#parts.released()
        if (this.#left.has(entry)) this.#forgetWhenEmpty(entry)
      }
    })
  }

  #leave(key: string, entry: Entry): void {
    this.#owned.delete(key)
    this.#left.add(entry)
    entry.loop.leave()
    if (entry.ended) this.#forgetWhenEmpty(entry)
  }

  #forgetWhenEmpty(entry: Entry): void {
    const look = (): void => {
      if (entry.processQueue.backlog.count > 0) return
      entry.processQueue.onRoom(undefined)
      if (this.#left.delete(entry)) this.#parts.released()
    }
    entry.processQueue.onRoom(look)
    look()
  }
}

function queueOf({ messageQueue, processQueue, loop }: Entry): PopQueue {
  return { messageQueue, processQueue, caughtUp: loop.caughtUp }
}
