import { ProtocolError } from '../errors.ts'

/**
 * A value of the JSON dialect Java's fastjson writes: standard JSON, plus bare integer keys (`{0:"a"}`), objects and
 * arrays as keys (`{{"queueId":0}:1}`), a trailing comma, and `{"$ref":"$.path"}` for a repeated object. Integers
 * beyond 2^53 are bigints. Every object is a `Map`, because its keys come from the wire.
 */
export type FastjsonValue = string | number | bigint | boolean | null | FastjsonValue[] | FastjsonObject
export type FastjsonObject = Map<FastjsonValue, FastjsonValue>

const MAX_DEPTH = 64

/** Reads one document. Throws {@link ProtocolError} with the position of the first wrong character. */
export function readFastjson(text: string): FastjsonValue {
  const reader = new Reader(text)
  const value = reader.value(0)
  reader.end()
  return reader.hasReferences ? resolveReferences(value, value, 0) : value
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
    const match = /[-+.\w]+/y
    match.lastIndex = this.#at
    const word = match.exec(this.#text)?.[0]
    if (word === undefined) throw this.#error('expected a value')
    this.#at += word.length
    if (word === 'true') return true
    if (word === 'false') return false
    if (word === 'null') return null
    if (/^-?\d+$/.test(word)) return integer(word)
    if (/^-?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(word)) return Number(word)
    throw this.#error(`unexpected '${word.slice(0, 20)}'`)
  }

  #peek(): string {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at += 1
    return this.#text[this.#at] ?? ''
  }

  #expect(char: string): void {
    if (this.#peek() !== char) throw this.#error(`expected '${char}'`)
    this.#at += 1
  }

  #error(what: string): ProtocolError {
    return new ProtocolError(`not JSON as RocketMQ writes it: ${what} at character ${this.#at}`)
  }
}

function integer(word: string): number | bigint {
  const value = Number(word)
  return Number.isSafeInteger(value) ? value : BigInt(word)
}

function resolveReferences(value: FastjsonValue, root: FastjsonValue, depth: number): FastjsonValue {
  if (depth > MAX_DEPTH) throw new ProtocolError('a $ref leads back to itself')
  if (Array.isArray(value)) return value.map((item) => resolveReferences(item, root, depth + 1))
  if (!(value instanceof Map)) return value
  const path = value.get('$ref')
  if (typeof path === 'string' && value.size === 1) return resolveReferences(follow(path, root), root, depth + 1)
  return new Map([...value].map(([key, item]) => [key, resolveReferences(item, root, depth + 1)]))
}

/** `$`, `.name` (with escaped punctuation) and `[n]`; a map entry is found by its key's Java `toString`. */
function follow(path: string, root: FastjsonValue): FastjsonValue {
  let value: FastjsonValue | undefined = root
  for (const step of path.matchAll(/\.((?:\\.|[^.[\\])+)|\[(\d+)\]/g)) {
    const name = step[1]?.replace(/\\(.)/g, '$1')
    if (name !== undefined && value instanceof Map) value = value.get(name) ?? byJavaName(value, name)
    else if (step[2] !== undefined && Array.isArray(value)) value = value[Number(step[2])]
    else value = undefined
  }
  if (value === undefined) throw new ProtocolError(`a $ref leads nowhere: ${path}`)
  return value
}

function byJavaName(map: FastjsonObject, name: string): FastjsonValue | undefined {
  for (const [key, item] of map) {
    if (!(key instanceof Map)) continue
    const [topic, broker, queue] = [key.get('topic'), key.get('brokerName'), key.get('queueId')].map(String)
    if (`MessageQueue [topic=${topic}, brokerName=${broker}, queueId=${queue}]` === name) return item
  }
  return undefined
}
