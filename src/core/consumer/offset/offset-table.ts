import { type MessageQueue, QueueMap } from '../../protocol/index.ts'

interface Entry {
  offset: number
  frozen: boolean
}

/** Offsets in memory (`ControllableOffset.java`). */
export class OffsetTable {
  readonly #entries = new QueueMap<Entry>()

  get(queue: MessageQueue): number | undefined {
    return this.#entries.get(queue)?.offset
  }

  /** Sets an offset unless it is frozen; with `increaseOnly` a lower one is ignored. */
  update(queue: MessageQueue, offset: number, increaseOnly: boolean): void {
    const entry = this.#entries.get(queue)
    if (entry === undefined) this.#entries.set(queue, { offset, frozen: false })
    else if (!entry.frozen) entry.offset = increaseOnly ? Math.max(entry.offset, offset) : offset
  }

  /** Sets an offset that stays until the queue is removed. */
  freeze(queue: MessageQueue, offset: number): void {
    this.#entries.set(queue, { offset, frozen: true })
  }

  remove(queue: MessageQueue): void {
    this.#entries.delete(queue)
  }
}
