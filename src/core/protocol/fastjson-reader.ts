import { ProtocolError } from '../errors.ts'
import { resolveReferences } from './fastjson-references.ts'
import type { FastjsonObject, FastjsonValue } from './fastjson-value.ts'

/** Real bodies nest 6 levels deep. */
const MAX_DEPTH = 64

/** A Java long has 19 digits; reading a number takes more than linear time. */
const MAX_INTEGER_CHARACTERS = 40
const WORD = /[-+.\w]+/y
const INTEGER = /^-?\d+$/
const DECIMAL = /^-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$/

/** Reads one document. Throws {@link ProtocolError} with the position of the first wrong character. */
export function readFastjson(text: string): FastjsonValue {
  const reader = new Reader(text)
  const value = reader.value(0)
  reader.end()
  return reader.hasReferences ? resolveReferences(value, text.length) : value
}

class Reader {
  readonly #text: string
  #at = 0
  hasReferences = false

  constructor(text: string) {
    this.#text = text
  }

  value(depth: number): FastjsonValue {
    if (depth > MAX_DEPTH) throw this.#error('nested too deeply')
    const char = this.#peek()
    if (char === '{') return this.#object(depth)
    if (char === '[') return this.#array(depth)
    if (char === '"') return this.#string()
    return this.#scalar()
  }

  end(): void {
    if (this.#peek() !== '') throw this.#error('unexpected text after the value')
  }

  #object(depth: number): FastjsonObject {
    const object: FastjsonObject = new Map()
    this.#at += 1
    while (this.#peek() !== '}') {
      const key = this.value(depth + 1)
      this.#expect(':')
      object.set(typeof key === 'number' || typeof key === 'bigint' ? String(key) : key, this.value(depth + 1))
      if (key === '$ref') this.hasReferences = true
      if (this.#peek() !== '}') this.#expect(',')
    }
    this.#at += 1
    return object
  }

  #array(depth: number): FastjsonValue[] {
    const array: FastjsonValue[] = []
    this.#at += 1
    while (this.#peek() !== ']') {
      array.push(this.value(depth + 1))
      if (this.#peek() !== ']') this.#expect(',')
    }
    this.#at += 1
    return array
  }

  /** Finds the closing quote and leaves the escapes to the standard parser. */
  #string(): string {
    const start = this.#at
    let end = start + 1
    for (; this.#text[end] !== '"'; end++) {
      if (end >= this.#text.length) throw this.#error('a string does not end')
      if (this.#text[end] === '\\') end += 1
    }
    this.#at = end + 1
    const literal = this.#text.slice(start, this.#at)
    try {
      return JSON.parse(literal) as string
    } catch {
      // fastjson writes control characters raw; standard JSON wants them escaped.
      return this.#lenientString(literal)
    }
  }

  #lenientString(literal: string): string {
    const escaped = literal.replace(
      /[\u0000-\u001f]/g,
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
    try {
      return JSON.parse(escaped) as string
    } catch {
      throw this.#error('a string has a wrong escape')
    }
  }

  #scalar(): FastjsonValue {
    WORD.lastIndex = this.#at
    const word = WORD.exec(this.#text)?.[0]
    if (word === undefined) throw this.#error('expected a value')
    if (word === 'true' || word === 'false' || word === 'null') {
      this.#at += word.length
      return word === 'null' ? null : word === 'true'
    }
    const number = INTEGER.test(word) ? integer(word) : DECIMAL.test(word) ? Number(word) : undefined
    if (number === undefined) throw this.#error(`unexpected '${word.slice(0, 20)}'`)
    this.#at += word.length
    return number
  }

  /** The next character that is not white space; empty at the end. */
  #peek(): string {
    for (;;) {
      const char = this.#text[this.#at] ?? ''
      if (char !== ' ' && char !== '\n' && char !== '\r' && char !== '\t') return char
      this.#at += 1
    }
  }

  #expect(char: string): void {
    if (this.#peek() !== char) throw this.#error(`expected '${char}'`)
    this.#at += 1
  }

  #error(what: string): ProtocolError {
    return new ProtocolError(`not JSON as RocketMQ writes it: ${what} at character ${this.#at}`)
  }
}

/** `undefined` for one that no Java number could be. */
function integer(word: string): number | bigint | undefined {
  if (word.length > MAX_INTEGER_CHARACTERS) return undefined
  const value = Number(word)
  return Number.isSafeInteger(value) ? value : BigInt(word)
}
