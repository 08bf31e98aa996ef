import { StorageError } from '../../errors.ts'
import { type Clock, soon, type Timer } from '../../support/index.ts'
import type { KeyValueStore, Write } from './key-value-store.ts'

interface Waiting {
  readonly writes: readonly Write[]
  readonly onDurable: (() => void) | undefined
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** What a journal needs from its owner. */
export interface JournalOptions {
  readonly store: KeyValueStore
  readonly clock: Clock
  /** Called once, when a commit failed: from then on nothing is accepted, so nothing false is ever acknowledged. */
  readonly onFatal: (error: StorageError) => void
}

/** How long a write without haste may wait for the next commit. */
const LAZY_MS = 200

/**
 * Group commit: everything asked for while one commit runs goes into the next one, each call whole. Calls become durable
 * in the order they were made, and `onDurable` is called in that order before any promise resolves.
 */
export class Journal {
  readonly #store: KeyValueStore
  readonly #clock: Clock
  readonly #onFatal: (error: StorageError) => void
  #waiting: Waiting[] = []
  #lazy = new Map<string, Write>()
  #lazyTimer: Timer | undefined
  #running: Promise<void> | undefined
  #failure: StorageError | undefined

  constructor(options: JournalOptions) {
    this.#store = options.store
    this.#clock = options.clock
    this.#onFatal = options.onFatal
  }

  /** Resolves when the writes are on disk. Rejects with StorageError when this or an earlier commit failed. */
  write(writes: readonly Write[], onDurable?: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure) {
        reject(this.#failure)
        return
      }
      this.#waiting.push({ writes, onDurable, resolve, reject })
      this.#wake()
    })
  }

  /** Rides on the next commit, at most 200 ms later; of several writes with one name the last counts. */
  writeLazily(name: string, write: Write): void {
    if (this.#failure) return
    this.#lazy.set(name, write)
    this.#lazyTimer ??= this.#clock.after(LAZY_MS, () => {
      this.#wake()
    })
  }

  /** Resolves when everything asked for so far is on disk, lazy writes too. */
  flush(): Promise<void> {
    return this.write([])
  }

  /** Flushes, then closes the store. */
  async close(): Promise<void> {
    try {
      if (this.#failure === undefined) await this.flush()
    } finally {
      this.#lazyTimer?.cancel()
      this.#failure ??= new StorageError('the store is closed')
      await this.#running
      await this.#store.close()
    }
  }

  /** Starts at the end of the turn, so that requests read together are committed together. */
  #wake(): void {
    if (this.#running !== undefined) return
    this.#running = new Promise<void>((resolve) => {
      soon(resolve)
    }).then(() => this.#run())
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0 || this.#lazy.size > 0) {
      const group = this.#waiting
      const lazy = this.#lazy
      this.#waiting = []
      this.#lazy = new Map()
      this.#lazyTimer?.cancel()
      this.#lazyTimer = undefined
      try {
        const writes = [...lazy.values(), ...group.flatMap((waiting) => waiting.writes)]
        if (writes.length > 0) await this.#store.commit(writes)
        for (const waiting of group) waiting.onDurable?.()
      } catch (error) {
        this.#fail(error, group)
        break
      }
      for (const waiting of group) waiting.resolve()
    }
    this.#running = undefined
  }

  #fail(cause: unknown, group: readonly Waiting[]): void {
    const failure =
      cause instanceof StorageError ? cause : new StorageError('the broker cannot write to its store', { cause })
    this.#failure = failure
    const rejected = [...group, ...this.#waiting]
    this.#waiting = []
    this.#lazy.clear()
    for (const waiting of rejected) waiting.reject(failure)
    this.#onFatal(failure)
  }
}
