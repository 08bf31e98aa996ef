import type {
  Entry,
  KeyValueStore,
  Range,
  StoreUsage,
  TableName,
  Write,
} from '../../../../src/core/broker/store/key-value-store.ts'
import { MemoryStore } from '../../../../src/core/broker/store/memory-store.ts'

/** A store whose commits a test holds back and lets go, or makes fail. */
export class ControlledStore implements KeyValueStore {
  readonly #memory = new MemoryStore()
  /** The commits so far, as the number of writes of each. */
  readonly commits: number[] = []
  held = false
  failure: Error | undefined
  closed = 0
  #release: (() => void)[] = []

  get(table: TableName, key: Buffer): Buffer | undefined {
    return this.#memory.get(table, key)
  }

  range(table: TableName, range: Range): readonly Entry[] {
    return this.#memory.range(table, range)
  }

  async commit(writes: readonly Write[]): Promise<void> {
    this.commits.push(writes.length)
    if (this.held) await new Promise<void>((resolve) => this.#release.push(resolve))
    if (this.failure) throw this.failure
    await this.#memory.commit(writes)
  }

  /** Lets the commits go that are held back. */
  release(): void {
    for (const release of this.#release.splice(0)) release()
  }

  usage(): StoreUsage {
    return this.#memory.usage()
  }

  async close(): Promise<void> {
    this.closed += 1
  }
}
