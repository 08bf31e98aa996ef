import { UsageError } from '../../errors.ts'
import { compareAsDoubles, compareValues, type SqlValue } from './values.ts'

/** A property of the message in question. */
export type PropertyOf = (name: string) => string | undefined

/** A part of an expression, with what the rules about its use ask of it. */
export type Expression =
  | { readonly kind: 'constant'; readonly value: SqlValue; readonly evaluate: Evaluate }
  | { readonly kind: 'property' | 'condition' | 'negative'; readonly evaluate: Evaluate }

type Evaluate = (property: PropertyOf) => SqlValue

/** True, false or unknown. */
export type Condition = (property: PropertyOf) => boolean | null

/** A literal. */
export function constant(value: SqlValue): Expression {
  return { kind: 'constant', value, evaluate: () => value }
}

/** The value of a property, always a string; unknown where a message has none. */
export function property(name: string): Expression {
  return { kind: 'property', evaluate: (valueOf) => valueOf(name) ?? null }
}

/** A condition as a part of others. */
export function condition(evaluate: Condition): Expression {
  return { kind: 'condition', evaluate }
}

/** A part as a condition: a property is one that never holds. Throws {@link UsageError} for what is none. */
export function asCondition(part: Expression): Condition {
  const { evaluate } = part
  const isTruth = part.kind === 'constant' && (part.value === null || typeof part.value === 'boolean')
  if (part.kind === 'negative' || (part.kind === 'constant' && !isTruth)) {
    throw new UsageError(`${described(part)} is not a condition`)
  }
  return (valueOf) => {
    const value = evaluate(valueOf)
    return typeof value === 'boolean' || value === null ? value : false
  }
}

/** All of them (`LogicExpression.createAND`): false counts before unknown; what follows a false one is not looked at. */
export function allOf(conditions: readonly Condition[]): Condition {
  return joined(conditions, false)
}

/** One of them (`LogicExpression.createOR`). */
export function oneOf(conditions: readonly Condition[]): Condition {
  return joined(conditions, true)
}

function joined(conditions: readonly Condition[], deciding: boolean): Condition {
  return (valueOf) => {
    let unknown = false
    for (const holds of conditions) {
      const value = holds(valueOf)
      if (value === deciding) return deciding
      unknown ||= value === null
    }
    return unknown ? null : !deciding
  }
}

/** The opposite; unknown stays unknown. */
export function not(holds: Condition): Condition {
  return (valueOf) => {
    const value = holds(valueOf)
    return value === null ? null : !value
  }
}

/** A sign before a number; of anything else it is unknown (`UnaryExpression.createNegate`). */
export function negative(part: Expression): Expression {
  return {
    kind: 'negative',
    evaluate: (valueOf) => {
      const value = part.evaluate(valueOf)
      if (typeof value === 'number') return -value
      if (value === null || typeof value !== 'object') return null
      return { bits: value.bits, value: BigInt.asIntN(value.bits, -value.value) }
    },
  }
}

/** Equality (`ComparisonExpression.createEqual`): two unknown values are equal. */
export function equal(left: Expression, right: Expression): Condition {
  for (const part of [left, right]) {
    if (part.kind === 'constant' && part.value === null) throw new UsageError('NULL cannot be compared; write IS NULL')
  }
  if (left.kind === 'constant' && typeof left.value === 'boolean') {
    if (right.kind === 'constant' && typeof right.value !== 'boolean') {
      throw new UsageError(`${described(left)} cannot be compared with ${described(right)}`)
    }
  }
  return (valueOf) => {
    const [a, b] = [left.evaluate(valueOf), right.evaluate(valueOf)]
    if (a === null) return b === null ? true : null
    return b === null ? false : compareValues(a, b) === 0
  }
}

/** Whether a value is unknown. */
export function isNull(part: Expression): Condition {
  return (valueOf) => part.evaluate(valueOf) === null
}

/** `<` and its like, of numbers; two strings are compared as such (`ComparisonExpression#evaluate`). */
export function ordered(left: Expression, right: Expression, holds: (order: number) => boolean): Condition {
  for (const part of [left, right]) {
    const isNumber = part.kind !== 'constant' || typeof part.value === 'number' || isWhole(part.value)
    if (part.kind === 'condition' || !isNumber) throw new UsageError(`${described(part)} has no order`)
  }
  return (valueOf) => {
    const a = left.evaluate(valueOf)
    if (a === null) return null
    const b = right.evaluate(valueOf)
    if (b === null) return null
    return holds(typeof a === 'string' && typeof b === 'string' ? compareAsDoubles(a, b) : compareValues(a, b))
  }
}

/** `BETWEEN`, which refuses literals in the wrong order. */
export function between(part: Expression, low: Expression, high: Expression): Condition {
  const conditions = [ordered(part, low, (order) => order >= 0), ordered(part, high, (order) => order <= 0)]
  if (low.kind === 'constant' && high.kind === 'constant' && low.value !== null && high.value !== null) {
    if (compareValues(low.value, high.value) > 0) {
      throw new UsageError(`${described(low)} is above ${described(high)}: nothing is between them`)
    }
  }
  return allOf(conditions)
}

/** `IN` and `NOT IN`, of properties. */
export function among(part: Expression, values: readonly string[], negated: boolean): Condition {
  if (part.kind !== 'property') throw new UsageError(`IN is for properties, not for ${described(part)}`)
  const wanted = new Set(values)
  return (valueOf) => {
    const value = part.evaluate(valueOf)
    return typeof value === 'string' ? wanted.has(value) !== negated : null
  }
}

/** `CONTAINS` and its like: false where there is nothing to search, negated or not. */
export function searched(
  part: Expression,
  search: string,
  options: { readonly finds: (text: string) => boolean; readonly negated: boolean },
): Condition {
  return (valueOf) => {
    const value = part.evaluate(valueOf)
    if (search === '' || typeof value !== 'string') return false
    return options.finds(value) !== options.negated
  }
}

function isWhole(value: SqlValue): boolean {
  return typeof value === 'object' && value !== null
}

function described(part: Expression): string {
  if (part.kind !== 'constant') return part.kind === 'negative' ? 'a negative value' : `a ${part.kind}`
  const { value } = part
  if (typeof value === 'string') return `'${value}'`
  if (value === null) return 'NULL'
  return typeof value === 'object' ? String(value.value) : String(value).toUpperCase()
}
