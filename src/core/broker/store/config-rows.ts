import { json, type Shape } from '../../protocol/index.ts'
import type { Journal } from './journal.ts'
import type { KeyValueStore } from './key-value-store.ts'
import { configKey, prefixRange } from './keys.ts'

/** One kind of setting: a row of JSON for each name. */
export class ConfigRows<T> {
  readonly #kind: string
  readonly #journal: Journal
  readonly #body: { read(bytes: Buffer): T; write(value: T): Buffer }

  constructor(kind: string, shape: Shape<T>, journal: Journal) {
    this.#kind = kind
    this.#journal = journal
    this.#body = json(shape)
  }

  /** What the store holds. */
  load(store: KeyValueStore): Map<string, T> {
    const prefix = configKey(this.#kind, '')
    return new Map(
      store
        .range('config', prefixRange(prefix))
        .map(({ key, value }) => [key.toString('utf8', prefix.length), this.#body.read(value)]),
    )
  }

  /** Written with the next commit, before everything that is asked for later. */
  put(name: string, value: T): void {
    this.#write(name, this.#body.write(value))
  }

  delete(name: string): void {
    this.#write(name, undefined)
  }

  #write(name: string, value: Buffer | undefined): void {
    const key = configKey(this.#kind, name)
    this.#journal.writeLazily(`config ${key.toString()}`, { table: 'config', key, value })
  }
}
