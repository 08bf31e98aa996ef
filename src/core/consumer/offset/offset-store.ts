import type { MessageQueue } from '../../protocol/index.ts'

/** Who is told that offsets were stored: of how many queues, of how many that failed, and how long it took. */
export interface PersistObserver {
  readonly monotonic: () => number
  readonly persisted: (outcome: { queues: number; failed: number; millis: number }) => void
}

/** Where a group's progress is kept (`OffsetStore.java`). */
export interface OffsetStore {
  /** The offset this process knows, without asking anybody. */
  inMemory(queue: MessageQueue): number | undefined
  /**
   * The stored offset; `undefined` when the store is sure that there is none. Rejects when the question was not
   * answered, which must never be mistaken for "none".
   */
  readStored(queue: MessageQueue, options?: { readonly signal?: AbortSignal | undefined }): Promise<number | undefined>
  /** Remembers an offset, to be stored by the next persist. With `increaseOnly` a lower one is ignored. */
  update(queue: MessageQueue, offset: number, options: { readonly increaseOnly: boolean }): void
  /** Remembers an offset and ignores all later updates until the queue is removed. */
  updateAndFreeze(queue: MessageQueue, offset: number): void
  /** Stores what is remembered of these queues. Resolves when the store has taken it; failures are logged. */
  persist(queues: readonly MessageQueue[]): Promise<void>
  /** Hands over what is remembered without waiting for an answer. */
  persistSoon(queues: readonly MessageQueue[]): void
  /** Forgets a queue. */
  remove(queue: MessageQueue): void
}
