import { ProtocolError } from '../../../errors.ts'
import { BackwardBits, ForwardBits } from './bits.ts'
import { buildFseTable, FseState, readProbabilities } from './fse-table.ts'

const MAX_BITS = 11
const MAX_SYMBOLS = 256

/** A prefix code: the next `maxBits` bits say the symbol and how many of them it took. */
export interface HuffmanTable {
  readonly maxBits: number
  readonly symbols: Uint8Array
  readonly bits: Uint8Array
}

/** Reads the description of a code and how many bytes it took: u8 form | weights of all symbols but the last. */
export function readHuffmanTable(bytes: Uint8Array): { readonly table: HuffmanTable; readonly bytes: number } {
  const form = bytes[0] ?? 0
  const size = 1 + (form < 128 ? form : (form - 126) >> 1)
  if (bytes.length < size) throw new ProtocolError('a zstd Huffman table is cut')
  const coded = bytes.subarray(1, size)
  return { table: buildTable(form < 128 ? codedWeights(coded) : plainWeights(coded, form - 127)), bytes: size }
}

function plainWeights(bytes: Uint8Array, count: number): number[] {
  return Array.from({ length: count }, (_, i) => ((bytes[i >> 1] ?? 0) >> (i % 2 === 0 ? 4 : 0)) & 15)
}

/** Two walks take turns until the bits are used up; the other one's symbol is then the last. */
function codedWeights(bytes: Uint8Array): number[] {
  const header = new ForwardBits(bytes)
  const table = buildFseTable(...readProbabilities(header, 6, MAX_BITS + 1))
  const bits = new BackwardBits(bytes.subarray(header.bytesTaken))
  let [one, other] = [new FseState(table, bits), new FseState(table, bits)]
  const weights: number[] = []
  while (bits.left >= 0) {
    weights.push(one.symbol)
    one.advance(bits)
    ;[one, other] = [other, one]
    // A symbol with all the probability takes no bits: without this it would never end.
    if (weights.length >= MAX_SYMBOLS) throw new ProtocolError('a zstd Huffman table has too many symbols')
  }
  weights.push(one.symbol)
  return weights
}

/** The last weight is not written: it fills up to the next power of two. */
function buildTable(written: readonly number[]): HuffmanTable {
  let sum = 0
  for (const weight of written) {
    if (weight > MAX_BITS) throw new ProtocolError(`a zstd Huffman table has a weight of ${weight}`)
    if (weight > 0) sum += 1 << (weight - 1)
  }
  const maxBits = 32 - Math.clz32(sum)
  const rest = (1 << maxBits) - sum
  if (sum === 0 || maxBits > MAX_BITS || (rest & (rest - 1)) !== 0) {
    throw new ProtocolError('the weights of a zstd Huffman table do not add up')
  }
  const weights = [...written, 32 - Math.clz32(rest)]
  if (weights.length > MAX_SYMBOLS) throw new ProtocolError('a zstd Huffman table has too many symbols')
  const symbols = new Uint8Array(1 << maxBits)
  const bits = new Uint8Array(1 << maxBits)
  let at = 0
  for (let weight = 1; weight <= maxBits; weight++) {
    weights.forEach((candidate, symbol) => {
      if (candidate !== weight) return
      const end = at + (1 << (weight - 1))
      symbols.fill(symbol, at, end)
      bits.fill(maxBits + 1 - weight, at, end)
      at = end
    })
  }
  return { maxBits, symbols, bits }
}

/** Decodes one stream into exactly all of `output`. Throws {@link ProtocolError} when it holds less or more. */
export function decodeHuffman(bytes: Uint8Array, table: HuffmanTable, output: Uint8Array): void {
  const bits = new BackwardBits(bytes)
  for (let i = 0; i < output.length; i++) {
    const state = bits.peek(table.maxBits)
    output[i] = table.symbols[state] ?? 0
    bits.skip(table.bits[state] ?? 0)
  }
  if (bits.left !== 0) throw new ProtocolError('a zstd stream of literals has not the length announced')
}
