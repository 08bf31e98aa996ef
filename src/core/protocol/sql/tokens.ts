import { UsageError } from '../../errors.ts'

/** A word or sign of an expression. */
export interface Token {
  readonly kind: 'keyword' | 'name' | 'string' | 'integer' | 'float' | 'sign' | 'end'
  /** As written; keywords in capitals, strings without their quotes. */
  readonly text: string
  /** Where it begins. */
  readonly at: number
}

const KEYWORDS: ReadonlySet<string> = new Set([
  'NOT',
  'AND',
  'OR',
  'BETWEEN',
  'IN',
  'TRUE',
  'FALSE',
  'NULL',
  'IS',
  'CONTAINS',
  'STARTSWITH',
  'ENDSWITH',
])

const BLANK = /(?:[ \t\n\r\f]|--[^\n\r]*|\/\*[^]*?\*\/)*/y
/** The longest of them counts, so a float comes before the integer it begins with. */
const PATTERNS: readonly (readonly [Token['kind'], RegExp])[] = [
  ['name', /[A-Za-z_$][A-Za-z0-9_$]*/y],
  ['float', /\d+\.\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+/y],
  ['integer', /0|[1-9]\d*[lL]?/y],
  ['string', /'(?:''|[^'])*'/y],
  ['sign', /<>|<=|>=|[=<>(),+-]/y],
]

/** Reads an expression word by word (`SelectorParser.jj`). */
export class Tokens {
  readonly #text: string
  #at = 0
  #next: Token | undefined

  constructor(text: string) {
    this.#text = text
  }

  /** The next one, which stays. Throws {@link UsageError} for a character that begins none. */
  peek(): Token {
    this.#next ??= this.#read()
    return this.#next
  }

  /** The next one. */
  take(): Token {
    const token = this.peek()
    this.#next = undefined
    return token
  }

  /** Takes the next one if it is this keyword or sign. */
  takeIf(text: string): boolean {
    const { kind, text: found } = this.peek()
    if ((kind !== 'keyword' && kind !== 'sign') || found !== text) return false
    this.take()
    return true
  }

  #read(): Token {
    this.#match(BLANK)
    const at = this.#at
    if (at === this.#text.length) return { kind: 'end', text: '', at }
    for (const [kind, pattern] of PATTERNS) {
      const text = this.#match(pattern)
      if (text === undefined) continue
      if (kind === 'string') return { kind, text: text.slice(1, -1).replaceAll("''", "'"), at }
      const word = text.toUpperCase()
      return kind === 'name' && KEYWORDS.has(word) ? { kind: 'keyword', text: word, at } : { kind, text, at }
    }
    const rest = this.#text.slice(at)
    if (rest.startsWith("'")) throw new UsageError(`the string at ${place(at)} has no end`)
    throw new UsageError(`'${String.fromCodePoint(rest.codePointAt(0) ?? 0)}' at ${place(at)} means nothing`)
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const text = pattern.exec(this.#text)?.[0]
    if (text !== undefined) this.#at += text.length
    return text
  }
}

/** Where something is, for people. */
export function place(at: number): string {
  return `character ${at + 1}`
}
