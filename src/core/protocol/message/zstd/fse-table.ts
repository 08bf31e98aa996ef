import { ProtocolError } from '../../../errors.ts'
import type { BackwardBits, ForwardBits } from './bits.ts'

/** A finite-state decoder: a state stands for a symbol, and with some more bits leads to the next state. */
export interface FseTable {
  /** The number of bits of a first state. */
  readonly accuracy: number
  readonly symbols: Uint8Array
  readonly bits: Uint8Array
  readonly bases: Uint16Array
}

/**
 * Reads the probabilities of a table, in shares of 2^accuracy. Each takes as many bits as what is left to share out can
 * need, or one fewer for the lower ones; 0 is followed by how many more are 0, -1 stands for less than one share.
 */
export function readProbabilities(bits: ForwardBits, maxAccuracy: number, maxSymbol: number): [number, number[]] {
  const accuracy = bits.take(4) + 5
  if (accuracy > maxAccuracy) throw new ProtocolError(`a zstd table has an accuracy of ${accuracy}`)
  const probabilities: number[] = []
  let left = 1 << accuracy
  while (left > 0) {
    const width = 32 - Math.clz32(left + 1)
    const lowMask = (1 << (width - 1)) - 1
    const threshold = (1 << width) - 2 - left
    let value = bits.peek(width)
    if ((value & lowMask) < threshold) value = bits.take(width - 1)
    else if (bits.take(width) > lowMask) value -= threshold
    probabilities.push(value - 1)
    left -= Math.abs(value - 1)
    for (let more = value === 1 ? 3 : 0; more === 3; ) {
      more = bits.take(2)
      for (let i = 0; i < more; i++) probabilities.push(0)
    }
    if (probabilities.length > maxSymbol + 1) throw new ProtocolError('a zstd table has too many symbols')
  }
  if (left < 0) throw new ProtocolError('a zstd table shares out more than there is')
  return [accuracy, probabilities]
}

/** Spreads the symbols over the states (RFC 8878, 4.1.1). */
export function buildFseTable(accuracy: number, probabilities: readonly number[]): FseTable {
  const size = 1 << accuracy
  const symbols = new Uint8Array(size)
  let high = size
  probabilities.forEach((probability, symbol) => {
    if (probability === -1) symbols[--high] = symbol
  })
  const step = (size >> 1) + (size >> 3) + 3
  let at = 0
  probabilities.forEach((probability, symbol) => {
    for (let i = 0; i < probability; i++) {
      symbols[at] = symbol
      do at = (at + step) & (size - 1)
      while (at >= high)
    }
  })
  const next = probabilities.map(Math.abs)
  const bits = new Uint8Array(size)
  const bases = new Uint16Array(size)
  symbols.forEach((symbol, state) => {
    const number = next[symbol] ?? 1
    next[symbol] = number + 1
    const width = accuracy - (31 - Math.clz32(number))
    bits[state] = width
    bases[state] = (number << width) - size
  })
  return { accuracy, symbols, bits, bases }
}

/** The table of a section in which one symbol is all there is. */
export function singleSymbol(symbol: number): FseTable {
  return { accuracy: 0, symbols: Uint8Array.of(symbol), bits: Uint8Array.of(0), bases: Uint16Array.of(0) }
}

/** One walk through the states of a table. */
export class FseState {
  readonly #table: FseTable
  #state: number

  constructor(table: FseTable, bits: BackwardBits) {
    this.#table = table
    this.#state = bits.take(table.accuracy)
  }

  get symbol(): number {
    return this.#table.symbols[this.#state] ?? 0
  }

  advance(bits: BackwardBits): void {
    this.#state = (this.#table.bases[this.#state] ?? 0) + bits.take(this.#table.bits[this.#state] ?? 0)
  }
}
