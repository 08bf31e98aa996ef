import { ProtocolError } from '../../../errors.ts'
import type { GrowingBuffer } from '../growing-buffer.ts'
import { BackwardBits, ForwardBits } from './bits.ts'
import { buildFseTable, FseState, type FseTable, readProbabilities, singleSymbol } from './fse-table.ts'
import { MAX_BLOCK_BYTES } from './literals.ts'

/** The three codes of a sequence, in the order their tables are written. */
export type SequenceTables = [literalLengths: FseTable, offsets: FseTable, matchLengths: FseTable]

/** What a block leaves to the next one. */
export interface SequenceState {
  tables: SequenceTables | undefined
  /** The last three distances, latest first. */
  distances: [number, number, number]
}

/** Extra bits of each code; the values of a code start where those of the one before end. */
const literalLengthBits = [...zeros(16), 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]
const matchLengthBits = [...zeros(32), 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]
const literalLengthBases = bases(literalLengthBits, 0)
const matchLengthBases = bases(matchLengthBits, 3)
const MAX_OFFSET_CODE = 31

const kinds = [
  { maxAccuracy: 9, maxSymbol: 35 },
  { maxAccuracy: 8, maxSymbol: MAX_OFFSET_CODE },
  { maxAccuracy: 9, maxSymbol: 52 },
] as const

let made: SequenceTables | undefined

/** RFC 8878, 3.1.1.3.2.2; made when they are first used. */
const predefined = (): SequenceTables =>
  (made ??= [
    buildFseTable(6, [4, 3, ...twos(11), 1, 1, 1, ...twos(9), 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1]),
    buildFseTable(5, [1, 1, 1, 1, 1, 1, 2, 2, 2, ...Array<number>(15).fill(1), -1, -1, -1, -1, -1]),
    buildFseTable(6, [1, 4, 3, ...twos(6), ...Array<number>(37).fill(1), -1, -1, -1, -1, -1, -1, -1]),
  ])

/** Reads the second section of a compressed block and writes its content: runs of literals, each with a repetition. */
export function expandSequences(
  section: Uint8Array,
  literals: Uint8Array,
  state: SequenceState,
  output: GrowingBuffer,
): void {
  const [b0 = 0, b1 = 0, b2 = 0] = section
  const count = b0 < 128 ? b0 : b0 < 255 ? ((b0 - 128) << 8) + b1 : b1 + (b2 << 8) + 0x7f00
  const countBytes = b0 < 128 ? 1 : b0 < 255 ? 2 : 3
  if (section.length < countBytes) throw new ProtocolError('a zstd block ends before its sequences')
  if (count === 0) {
    if (section.length !== countBytes) throw new ProtocolError('a zstd block does not end after its literals')
    output.append(literals)
    return
  }
  const { tables, end } = readTables(section, countBytes, state.tables)
  state.tables = tables
  const bits = new BackwardBits(section.subarray(end))
  const [literalTable, offsetTable, matchTable] = tables
  const states: SequenceStates = [
    new FseState(literalTable, bits),
    new FseState(offsetTable, bits),
    new FseState(matchTable, bits),
  ]
  const limit = output.size + MAX_BLOCK_BYTES
  let used = 0
  for (let left = count; left > 0; left--) {
    const sequence = readSequence(states, bits, left === 1)
    const end = used + sequence.literalLength
    if (bits.left < 0 || end > literals.length || output.size + sequence.literalLength + sequence.matchLength > limit) {
      throw new ProtocolError('the sequences of a zstd block do not fit it')
    }
    output.append(literals.subarray(used, end))
    used = end
    output.repeat(distanceOf(sequence, state), sequence.matchLength)
  }
  if (bits.left !== 0) throw new ProtocolError('a zstd block has bits left over')
  if (output.size + literals.length - used > limit) throw new ProtocolError('a zstd block is too long')
  output.append(literals.subarray(used))
}

/** u8 with the mode of each table in pairs of bits | tables. */
function readTables(
  section: Uint8Array,
  modesAt: number,
  previous: SequenceTables | undefined,
): { tables: SequenceTables; end: number } {
  const modes = section[modesAt] ?? 0
  if ((modes & 3) !== 0) throw new ProtocolError('a zstd block uses reserved bits')
  let at = modesAt + 1
  const read = (index: 0 | 1 | 2): FseTable => {
    const mode = (modes >> (6 - index * 2)) & 3
    const { maxAccuracy, maxSymbol } = kinds[index]
    if (mode === 0) return predefined()[index]
    if (mode === 1) {
      const symbol = section[at++]
      if (symbol === undefined || symbol > maxSymbol) throw new ProtocolError('a zstd block uses an unknown code')
      return singleSymbol(symbol)
    }
    if (mode === 2) {
      const bits = new ForwardBits(section.subarray(at))
      const table = buildFseTable(...readProbabilities(bits, maxAccuracy, maxSymbol))
      at += bits.bytesTaken
      return table
    }
    if (previous === undefined) throw new ProtocolError('a zstd block refers to tables before the first')
    return previous[index]
  }
  return { tables: [read(0), read(1), read(2)], end: at }
}

type SequenceStates = readonly [literalLength: FseState, offset: FseState, matchLength: FseState]

interface Sequence {
  readonly offsetValue: number
  readonly literalLength: number
  readonly matchLength: number
}

function readSequence([literal, offset, match]: SequenceStates, bits: BackwardBits, last: boolean): Sequence {
  const offsetValue = 2 ** offset.symbol + bits.take(offset.symbol)
  const matchLength = (matchLengthBases[match.symbol] ?? 0) + bits.take(matchLengthBits[match.symbol] ?? 0)
  const literalLength = (literalLengthBases[literal.symbol] ?? 0) + bits.take(literalLengthBits[literal.symbol] ?? 0)
  if (!last) {
    literal.advance(bits)
    match.advance(bits)
    offset.advance(bits)
  }
  return { offsetValue, literalLength, matchLength }
}

/** Values up to 3 mean one of the last distances, the next one when no literal came before. */
function distanceOf({ offsetValue, literalLength }: Sequence, state: SequenceState): number {
  const [first, second, third] = state.distances
  if (offsetValue > 3) {
    state.distances = [offsetValue - 3, first, second]
    return offsetValue - 3
  }
  switch (offsetValue + (literalLength === 0 ? 1 : 0)) {
    case 1:
      return first
    case 2:
      state.distances = [second, first, third]
      return second
    case 3:
      state.distances = [third, first, second]
      return third
    default:
      state.distances = [first - 1, first, second]
      return first - 1
  }
}

function zeros(count: number): number[] {
  return Array<number>(count).fill(0)
}

function twos(count: number): number[] {
  return Array<number>(count).fill(2)
}

function bases(bits: readonly number[], first: number): number[] {
  let next = first
  return bits.map((width) => {
    const base = next
    next += 2 ** width
    return base
  })
}
