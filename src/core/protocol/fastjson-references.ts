import { ProtocolError } from '../errors.ts'
import type { FastjsonObject, FastjsonValue } from './fastjson-value.ts'

/**
 * Replaces every `{"$ref":"$.path"}` of a document by what it points at. References may point at references; a small
 * document could name an enormous one that way, so the result may have about as many values as the document has
 * characters. Throws {@link ProtocolError} beyond that, for a circle and for a path that leads nowhere.
 */
export function resolveReferences(document: FastjsonValue, characters: number): FastjsonValue {
  return new Resolver(document, characters + 100_000).resolve(document)
}

/** References that point at references at once. Together with the depth of a document it bounds the call stack. */
const MAX_CHAIN = 8

class Resolver {
  readonly #root: FastjsonValue
  readonly #names = new Map<FastjsonObject, ReadonlyMap<string, FastjsonValue>>()
  readonly #following = new Set<string>()
  #valuesLeft: number

  constructor(root: FastjsonValue, maxValues: number) {
    this.#root = root
    this.#valuesLeft = maxValues
  }

  resolve(value: FastjsonValue): FastjsonValue {
    this.#valuesLeft -= 1
    if (this.#valuesLeft < 0) throw new ProtocolError('the $refs of a body expand it beyond all measure')
    if (Array.isArray(value)) return value.map((item) => this.resolve(item))
    if (!(value instanceof Map)) return value
    const path = value.get('$ref')
    if (typeof path === 'string' && value.size === 1) return this.#follow(path)
    return new Map([...value].map(([key, item]) => [key, this.resolve(item)]))
  }

  #follow(path: string): FastjsonValue {
    if (this.#following.has(path) || this.#following.size === MAX_CHAIN) {
      throw new ProtocolError(`a $ref leads back to itself: ${path.slice(0, 80)}`)
    }
    this.#following.add(path)
    let value: FastjsonValue | undefined = this.#root
    for (const step of steps(path)) {
      if (typeof step === 'number') value = Array.isArray(value) ? value[step] : undefined
      else value = value instanceof Map ? (value.get(step) ?? this.#byJavaName(value, step)) : undefined
    }
    if (value === undefined) throw new ProtocolError(`a $ref leads nowhere: ${path.slice(0, 80)}`)
    const resolved = this.resolve(value)
    this.#following.delete(path)
    return resolved
  }

  /** A map entry whose key is a message queue is named by that queue's `toString`. */
  #byJavaName(map: FastjsonObject, name: string): FastjsonValue | undefined {
    let names = this.#names.get(map)
    if (names === undefined) {
      names = new Map([...map].map(([key, item]) => [javaName(key), item]))
      this.#names.set(map, names)
    }
    return names.get(name)
  }
}

/** `$`, then `.name` with escaped punctuation or `[n]`, any number of times. */
function steps(path: string): (string | number)[] {
  const wrong = (): ProtocolError => new ProtocolError(`a $ref is not a path: ${path.slice(0, 80)}`)
  if (!path.startsWith('$')) throw wrong()
  const found: (string | number)[] = []
  const step = /\.((?:\\.|[^.[\\])+)|\[(\d{1,9})\]/y
  step.lastIndex = 1
  while (step.lastIndex < path.length) {
    const match = step.exec(path)
    if (match === null) throw wrong()
    found.push(match[1] === undefined ? Number(match[2]) : match[1].replace(/\\(.)/g, '$1'))
  }
  return found
}

function javaName(key: FastjsonValue): string {
  if (!(key instanceof Map)) return ''
  const [topic, broker, queue] = [key.get('topic'), key.get('brokerName'), key.get('queueId')].map(String)
  return `MessageQueue [topic=${topic}, brokerName=${broker}, queueId=${queue}]`
}
