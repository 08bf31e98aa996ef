import { freemem, totalmem } from 'node:os'
import type { Entry, KeyValueStore, Range, StoreUsage, TableName, Write } from './key-value-store.ts'
import { tableNames } from './key-value-store.ts'
import { SortedMap } from './sorted-map.ts'

/** A store that lives as long as the process: the twin of the one on disk. */
export class MemoryStore implements KeyValueStore {
  readonly #tables = new Map<TableName, SortedMap<Buffer>>(tableNames.map((name) => [name, new SortedMap<Buffer>()]))

  get(table: TableName, key: Buffer): Buffer | undefined {
    return this.#table(table).get(textOf(key))
  }

  range(table: TableName, range: Range): readonly Entry[] {
    const limit = range.limit ?? Number.POSITIVE_INFINITY
    const found: Entry[] = []
    const map = this.#table(table)
    const end = textOf(range.end)
    const entries = range.reverse === true ? map.descend(textOf(range.start)) : map.ascend(textOf(range.start))
    for (const [key, value] of entries) {
      if (found.length >= limit || (range.reverse === true ? key <= end : key >= end)) break
      found.push({ key: Buffer.from(key, 'latin1'), value })
    }
    return found
  }

  commit(writes: readonly Write[]): Promise<void> {
    for (const { table, key, value } of writes) {
      if (value === undefined) this.#table(table).delete(textOf(key))
      else this.#table(table).set(textOf(key), value)
    }
    return Promise.resolve()
  }

  usage(): StoreUsage {
    return { place: 'memory', usedRatio: 1 - freemem() / totalmem() }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #table(name: TableName): SortedMap<Buffer> {
    const table = this.#tables.get(name)
    if (table === undefined) throw new RangeError(`no table ${name}`)
    return table
  }
}

/** One character a byte, so that comparing texts compares bytes. */
function textOf(key: Buffer): string {
  return key.toString('latin1')
}
