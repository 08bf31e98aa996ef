/** A whole number as Java keeps it: an `Integer` where it fits, else a `Long`. */
export interface Whole {
  readonly value: bigint
  readonly bits: 32 | 64
}

/** What an expression evaluates to; a plain number is a `Double`, `null` is unknown. */
export type SqlValue = string | boolean | number | Whole | null

/** Two values that cannot be compared: the message does not match, whatever else the expression says. */
export class NotComparable extends Error {}

/** Java's `compareTo` after `ComparisonExpression#__compare` has made both of one type; -1 where it cannot. */
export function compareValues(left: Exclude<SqlValue, null>, right: Exclude<SqlValue, null>): number {
  if (typeof left === 'string')
    return typeof right === 'string' ? orderOf(left, right) : sameType(convert(left, right), right)
  if (typeof right === 'string') {
    // Java casts the wrong one of the two, and fails.
    if (typeof left === 'boolean') throw new NotComparable(`${left} and '${right}'`)
    return sameType(left, convert(right, left))
  }
  return sameType(left, right)
}

/** Two strings by `<` and its like: as numbers, or not at all. */
export function compareAsDoubles(left: string, right: string): number {
  return compareDoubles(toDouble(left), toDouble(right))
}

function sameType(left: boolean | number | Whole, right: boolean | number | Whole): number {
  if (typeof left === 'boolean' || typeof right === 'boolean') {
    return typeof left === typeof right ? Number(left) - Number(right) : -1
  }
  if (typeof left === 'number' || typeof right === 'number') return compareDoubles(double(left), double(right))
  return orderOf(left.value, right.value)
}

function double(value: number | Whole): number {
  return typeof value === 'number' ? value : Number(value.value)
}

/** A string as a value of the type of another one. */
function convert(text: string, like: boolean | number | Whole): boolean | number | Whole {
  if (typeof like === 'boolean') return text.toLowerCase() === 'true'
  if (typeof like === 'number') return toDouble(text)
  if (!/^[+-]?\d+$/.test(text)) throw new NotComparable(`'${text}' is no whole number`)
  const value = BigInt(text.replace('+', ''))
  if (value !== BigInt.asIntN(like.bits, value)) throw new NotComparable(`${text} does not fit into ${like.bits} bits`)
  return { value, bits: like.bits }
}

/** As `Double.valueOf` reads it, without hexadecimal numbers. */
function toDouble(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what Java's trim takes away
  const trimmed = text.replace(/^[\u0000-\u0020]+|[\u0000-\u0020]+$/g, '')
  if (!/^[+-]?(?:NaN|Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fFdD]?)$/.test(trimmed)) {
    throw new NotComparable(`'${text}' is no number`)
  }
  return Number(trimmed.replace(/(?<=[\d.])[fFdD]$/, '').replace(/[+-]NaN/, 'NaN'))
}

/** `Double#compareTo`: NaN is above everything, -0.0 below 0.0. */
function compareDoubles(left: number, right: number): number {
  if (Object.is(left, right)) return 0
  if (Number.isNaN(left) || Number.isNaN(right)) return Number.isNaN(left) ? 1 : -1
  if (left === right) return Object.is(left, -0) ? -1 : 1
  return left < right ? -1 : 1
}

function orderOf<T extends string | bigint>(left: T, right: T): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}
