import { string } from '../../protocol/index.ts'
import { ConfigRows } from './config-rows.ts'
import type { Journal } from './journal.ts'
import type { KeyValueStore } from './key-value-store.ts'

const SEPARATOR = '\u0000'

/** Texts by namespace and key (`KVConfigManager.java`), kept like topics. */
export class KeyValueTable {
  readonly #journal: Journal
  readonly #rows: ConfigRows<string>
  readonly #values: Map<string, string>

  constructor(options: { readonly store: KeyValueStore; readonly journal: Journal }) {
    this.#journal = options.journal
    this.#rows = new ConfigRows('kv', string, options.journal)
    this.#values = this.#rows.load(options.store)
  }

  get(namespace: string, key: string): string | undefined {
    return this.#values.get(namespace + SEPARATOR + key)
  }

  put(namespace: string, key: string, value: string): void {
    const name = namespace + SEPARATOR + key
    this.#values.set(name, value)
    this.#rows.put(name, value)
  }

  delete(namespace: string, key: string): void {
    const name = namespace + SEPARATOR + key
    if (this.#values.delete(name)) this.#rows.delete(name)
  }

  /** All keys of a namespace with their values. */
  list(namespace: string): ReadonlyMap<string, string> {
    const prefix = namespace + SEPARATOR
    return new Map(
      [...this.#values]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, value]) => [name.slice(prefix.length), value]),
    )
  }

  /** Resolves when all changes so far are on disk. */
  flush(): Promise<void> {
    return this.#journal.flush()
  }
}
