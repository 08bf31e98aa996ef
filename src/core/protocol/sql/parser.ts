import { UsageError } from '../../errors.ts'
import {
  allOf,
  among,
  asCondition,
  between,
  type Condition,
  condition,
  constant,
  type Expression,
  equal,
  isNull,
  negative,
  not,
  oneOf,
  ordered,
  property,
  searched,
} from './expressions.ts'
import { place, type Token, Tokens } from './tokens.ts'

/** Open parentheses, signs and chained comparisons: what an expression costs in depth stays bounded. */
const MAX_NESTING = 300

const orders: ReadonlyMap<string, (order: number) => boolean> = new Map([
  ['<', (order: number) => order < 0],
  ['<=', (order: number) => order <= 0],
  ['>', (order: number) => order > 0],
  ['>=', (order: number) => order >= 0],
])

const searches: ReadonlyMap<string, (search: string) => (text: string) => boolean> = new Map([
  ['CONTAINS', (search: string) => (text: string) => text.includes(search)],
  ['STARTSWITH', (search: string) => (text: string) => text.startsWith(search)],
  ['ENDSWITH', (search: string) => (text: string) => text.endsWith(search)],
])

/**
 * Parses RocketMQ's part of SQL92 (`SelectorParser.jj`): OR, AND, equality, comparison and signs, in the order of what
 * binds tighter. As there, `NOT` is a sign: `NOT a = 5` is `(NOT a) = 5`.
 */
export class SqlParser {
  readonly #tokens: Tokens
  #nesting = 0

  constructor(text: string) {
    this.#tokens = new Tokens(text)
  }

  /** The first complete condition. Throws {@link UsageError} where there is none. */
  parse(): { readonly condition: Condition; readonly rest: Token } {
    const holds = asCondition(this.#or())
    return { condition: holds, rest: this.#tokens.peek() }
  }

  #or(): Expression {
    return this.#joined('OR', () => this.#and(), oneOf)
  }

  #and(): Expression {
    return this.#joined('AND', () => this.#equality(), allOf)
  }

  #joined(word: string, part: () => Expression, join: (conditions: readonly Condition[]) => Condition): Expression {
    const first = part()
    const others: Condition[] = []
    while (this.#tokens.takeIf(word)) others.push(asCondition(part()))
    return others.length === 0 ? first : condition(join([asCondition(first), ...others]))
  }

  #equality(): Expression {
    let left = this.#comparison()
    for (let links = 0; ; links++) {
      if (links > 1) this.#nest()
      if (this.#tokens.takeIf('=')) left = condition(equal(left, this.#comparison()))
      else if (this.#tokens.takeIf('<>')) left = condition(not(equal(left, this.#comparison())))
      else if (this.#tokens.takeIf('IS')) left = condition(this.#isNull(left))
      else return left
    }
  }

  #isNull(left: Expression): Condition {
    const negated = this.#tokens.takeIf('NOT')
    this.#expect('NULL')
    return negated ? not(isNull(left)) : isNull(left)
  }

  #comparison(): Expression {
    let left = this.#unary()
    for (let links = 0; ; links++) {
      if (links > 1) this.#nest()
      const { kind, text } = this.#tokens.peek()
      const holds = kind === 'sign' ? orders.get(text) : undefined
      if (holds !== undefined) {
        this.#tokens.take()
        left = condition(ordered(left, this.#unary(), holds))
      } else if (this.#tokens.takeIf('NOT')) left = condition(this.#asked(left, true))
      else if (kind === 'keyword' && asks.has(text)) left = condition(this.#asked(left, false))
      else return left
    }
  }

  /** What may follow `NOT`: `BETWEEN`, `IN`, `CONTAINS` and its like. */
  #asked(left: Expression, negated: boolean): Condition {
    if (this.#tokens.takeIf('BETWEEN')) return this.#between(left, negated)
    if (this.#tokens.takeIf('IN')) return among(left, this.#strings(), negated)
    const { kind, text, at } = this.#tokens.take()
    const search = kind === 'keyword' ? searches.get(text) : undefined
    if (search === undefined) throw unexpected({ kind, text, at }, 'BETWEEN, IN, CONTAINS, STARTSWITH or ENDSWITH')
    const wanted = this.#string()
    return searched(left, wanted, { finds: search(wanted), negated })
  }

  #between(left: Expression, negated: boolean): Condition {
    const low = this.#unary()
    this.#expect('AND')
    const high = this.#unary()
    if (!negated) return between(left, low, high)
    return oneOf([ordered(left, low, (order) => order < 0), ordered(left, high, (order) => order > 0)])
  }

  #strings(): string[] {
    this.#expect('(')
    const strings = [this.#string()]
    while (this.#tokens.takeIf(',')) strings.push(this.#string())
    this.#expect(')')
    return strings
  }

  #string(): string {
    const token = this.#tokens.take()
    if (token.kind !== 'string') throw unexpected(token, "a string such as 'x'")
    return token.text
  }

  #unary(): Expression {
    if (this.#tokens.takeIf('+')) return this.#nested(() => this.#unary())
    if (this.#tokens.takeIf('-')) return negative(this.#nested(() => this.#unary()))
    if (this.#tokens.takeIf('NOT')) return condition(not(asCondition(this.#nested(() => this.#unary()))))
    return this.#primary()
  }

  #primary(): Expression {
    const token = this.#tokens.take()
    switch (token.kind) {
      case 'string':
        return constant(token.text)
      case 'integer':
        return constant(whole(token))
      case 'float':
        return constant(float(token))
      case 'name':
        return property(token.text)
      case 'keyword':
        if (token.text === 'TRUE' || token.text === 'FALSE') return constant(token.text === 'TRUE')
        if (token.text === 'NULL') return constant(null)
        break
      case 'sign':
        if (token.text === '(') return this.#inParentheses()
        break
      case 'end':
    }
    throw unexpected(token, 'a property, a literal or (')
  }

  #inParentheses(): Expression {
    const inside = this.#nested(() => this.#or())
    this.#expect(')')
    return inside
  }

  #expect(text: string): void {
    const token = this.#tokens.peek()
    if (!this.#tokens.takeIf(text)) throw unexpected(token, text)
  }

  #nested(part: () => Expression): Expression {
    this.#nest()
    const inside = part()
    this.#nesting -= 1
    return inside
  }

  #nest(): void {
    this.#nesting += 1
    if (this.#nesting > MAX_NESTING) throw new UsageError('the expression is nested too deeply')
  }
}

const asks: ReadonlySet<string> = new Set(['BETWEEN', 'IN', ...searches.keys()])

function whole({ text }: Token): { readonly value: bigint; readonly bits: 32 | 64 } {
  const value = BigInt(text.replace(/[lL]$/, ''))
  if (value !== BigInt.asIntN(64, value)) throw new UsageError(`${text} does not fit into 64 bits`)
  return { value, bits: value === BigInt.asIntN(32, value) ? 32 : 64 }
}

/** Java refuses 0.0 as well: it asks for no less than the smallest positive one. */
function float({ text }: Token): number {
  const value = Number(text)
  if (value === Number.POSITIVE_INFINITY) throw new UsageError(`${text} is too large`)
  if (value === 0) throw new UsageError(`${text} is too small; write 0, which is a whole number`)
  return value
}

function unexpected({ kind, text, at }: Token, wanted: string): UsageError {
  const found = kind === 'end' ? 'the expression ends' : `'${text}' at ${place(at)} stands`
  return new UsageError(`${found} where ${wanted} must be`)
}
