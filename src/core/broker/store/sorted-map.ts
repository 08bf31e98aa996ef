/** More entries than this and a block is split in two. */
const MAX_BLOCK = 512

interface Block<V> {
  readonly keys: string[]
  readonly values: V[]
}

/**
 * A map in the order of its keys' code units: a sorted list of short sorted lists, so that an insertion moves few
 * entries wherever it falls. Changing it while iterating is not allowed.
 */
export class SortedMap<V> {
  #blocks: Block<V>[] = [{ keys: [], values: [] }]

  get(key: string): V | undefined {
    const block = this.#blocks[this.#blockOf(key)]
    if (block === undefined) return undefined
    const at = lowerBound(block.keys, key)
    return block.keys[at] === key ? block.values[at] : undefined
  }

  set(key: string, value: V): void {
    const index = this.#blockOf(key)
    const block = this.#blocks[index]
    if (block === undefined) return
    const at = lowerBound(block.keys, key)
    if (block.keys[at] === key) {
      block.values[at] = value
      return
    }
    block.keys.splice(at, 0, key)
    block.values.splice(at, 0, value)
    if (block.keys.length > MAX_BLOCK) this.#split(index, block, at === block.keys.length - 1)
  }

  delete(key: string): void {
    const index = this.#blockOf(key)
    const block = this.#blocks[index]
    if (block === undefined) return
    const at = lowerBound(block.keys, key)
    if (block.keys[at] !== key) return
    block.keys.splice(at, 1)
    block.values.splice(at, 1)
    if (block.keys.length === 0 && this.#blocks.length > 1) this.#blocks.splice(index, 1)
  }

  /** Entries from `start` upwards, `start` included. */
  *ascend(start: string): Generator<readonly [string, V]> {
    const first = this.#blockOf(start)
    for (let index = first; index < this.#blocks.length; index++) {
      const block = this.#blocks[index]
      if (block === undefined) return
      for (let at = index === first ? lowerBound(block.keys, start) : 0; at < block.keys.length; at++) {
        yield [block.keys[at] as string, block.values[at] as V]
      }
    }
  }

  /** Entries from `start` downwards, `start` included. */
  *descend(start: string): Generator<readonly [string, V]> {
    const first = this.#blockOf(start)
    for (let index = first; index >= 0; index--) {
      const block = this.#blocks[index]
      if (block === undefined) return
      let at = block.keys.length - 1
      if (index === first) {
        at = lowerBound(block.keys, start)
        if (block.keys[at] !== start) at -= 1
      }
      for (; at >= 0; at--) yield [block.keys[at] as string, block.values[at] as V]
    }
  }

  /** An append leaves the old block full: keys mostly ascend. */
  #split(index: number, block: Block<V>, appended: boolean): void {
    const at = appended ? block.keys.length - 1 : block.keys.length >>> 1
    this.#blocks.splice(index + 1, 0, { keys: block.keys.splice(at), values: block.values.splice(at) })
  }

  /** The last block whose first key is not greater. */
  #blockOf(key: string): number {
    let low = 0
    let high = this.#blocks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      const first = this.#blocks[middle]?.keys[0]
      if (first !== undefined && first <= key) low = middle
      else high = middle - 1
    }
    return low
  }
}

/** The first position whose key is not less. */
function lowerBound(keys: readonly string[], key: string): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((keys[middle] as string) < key) low = middle + 1
    else high = middle
  }
  return low
}
