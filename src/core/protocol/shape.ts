import { ProtocolError } from '../errors.ts'
import { readFastjson } from './fastjson-reader.ts'
import type { FastjsonValue } from './fastjson-value.ts'
import { type Writable, writeFastjson } from './fastjson-writer.ts'
import type { Body } from './operation.ts'

/** Checks a JSON value at the door and gives it a type; writes it back. `path` names the place in error messages. */
export interface Shape<T> {
  /** What an absent or null member reads as; without it, such a member is an error. */
  readonly absent?: { readonly value: T }
  read(value: FastjsonValue, path: string): T
  write(value: T): Writable
}

/** The type a shape describes. */
export type ShapeOf<S> = S extends Shape<infer T> ? T : never

function wrong(path: string, wanted: string, value: FastjsonValue): ProtocolError {
  const got =
    value === null ? 'null' : Array.isArray(value) ? 'a list' : value instanceof Map ? 'an object' : typeof value
  return new ProtocolError(`${path}: expected ${wanted}, got ${got}`)
}

export const string: Shape<string> = {
  read(value, path) {
    if (typeof value !== 'string') throw wrong(path, 'a string', value)
    return value
  },
  write: (value) => value,
}

/** A safe integer; Java's quoted longs are accepted. */
export const integer: Shape<number> = {
  read(value, path) {
    const number = typeof value === 'string' && /^-?\d{1,19}$/.test(value) ? Number(value) : value
    if (typeof number !== 'number' || !Number.isSafeInteger(number)) throw wrong(path, 'a safe integer', value)
    return number
  },
  write: (value) => value,
}

/** An integer of any size; Java's quoted longs are accepted. */
export const bigInteger: Shape<bigint> = {
  read(value, path) {
    if (typeof value === 'bigint') return value
    if (typeof value === 'string' && /^-?\d{1,19}$/.test(value)) return BigInt(value)
    return BigInt(integer.read(value, path))
  },
  write: (value) => value,
}

/** A Java double. */
export const number: Shape<number> = {
  read(value, path) {
    if (typeof value !== 'number') throw wrong(path, 'a number', value)
    return value
  },
  write: (value) => value,
}

export const boolean: Shape<boolean> = {
  read(value, path) {
    if (typeof value !== 'boolean') throw wrong(path, 'true or false', value)
    return value
  },
  write: (value) => value,
}

/** Any value, kept as it came. */
export const anything: Shape<FastjsonValue> = { read: (value) => value, write: (value) => value }

/** A member that may be absent: it then reads as `fallback`. */
export function withDefault<T>(shape: Shape<T>, fallback: T): Shape<T> {
  return { ...shape, absent: { value: fallback } }
}

/** A member that may be absent: it then reads as `undefined` and is not written. */
export function maybe<T>(shape: Shape<T>): Shape<T | undefined> {
  return {
    absent: { value: undefined },
    read: (value, path) => shape.read(value, path),
    write: (value) => (value === undefined ? undefined : shape.write(value)),
  }
}

export function list<T>(shape: Shape<T>): Shape<readonly T[]> {
  return {
    read(value, path) {
      if (!Array.isArray(value)) throw wrong(path, 'a list', value)
      return value.map((item, index) => shape.read(item, `${path}[${index}]`))
    },
    write: (value) => value.map((item) => shape.write(item)),
  }
}

/** An object with the members named; others are ignored. */
export function record<S extends Readonly<Record<string, Shape<unknown>>>>(
  members: S,
): Shape<{ readonly [K in keyof S]: ShapeOf<S[K]> }> {
  const shapes = Object.entries(members) as unknown as readonly (readonly [string, Shape<unknown>])[]
  return {
    read(value, path) {
      if (!(value instanceof Map)) throw wrong(path, 'an object', value)
      const result: Record<string, unknown> = {}
      for (const [name, shape] of shapes) {
        const member = value.get(name)
        if (member !== undefined && member !== null) result[name] = shape.read(member, `${path}.${name}`)
        else if (shape.absent) result[name] = shape.absent.value
        else throw new ProtocolError(`${path}.${name} is missing`)
      }
      return result as { readonly [K in keyof S]: ShapeOf<S[K]> }
    },
    write(value) {
      const source = value as Readonly<Record<string, unknown>>
      return Object.fromEntries(shapes.map(([name, shape]) => [name, shape.write(source[name])]))
    },
  }
}

/** An object used as a map from text. */
export function mapOf<T>(shape: Shape<T>): Shape<ReadonlyMap<string, T>> {
  return {
    read(value, path) {
      if (!(value instanceof Map)) throw wrong(path, 'an object', value)
      return new Map(
        [...value].map(([key, item]) => {
          const name = string.read(key, `${path} key`)
          return [name, shape.read(item, `${path}.${name}`)]
        }),
      )
    },
    write: (value) => new Map([...value].map(([key, item]) => [key, shape.write(item)])),
  }
}

/** A map from integers, which fastjson writes bare and strict JSON quotes. */
export function mapOfIntegers<T>(shape: Shape<T>): Shape<ReadonlyMap<number, T>> {
  const texts = mapOf(shape)
  return {
    read: (value, path) =>
      new Map([...texts.read(value, path)].map(([key, item]) => [integer.read(key, `${path} key`), item])),
    write: (value) => texts.write(new Map([...value].map(([key, item]) => [String(key), item]))),
  }
}

/**
 * A map keyed by objects, as entries. Reads fastjson's bare object keys and keys that are strings of JSON; writes bare
 * object keys. A shape has no way to make keys equal, so this is a list of pairs.
 */
export function entriesOf<K, V>(key: Shape<K>, value: Shape<V>): Shape<readonly (readonly [K, V])[]> {
  return {
    read(map, path) {
      if (!(map instanceof Map)) throw wrong(path, 'an object', map)
      return [...map].map(([name, item]) => {
        const parsed = typeof name === 'string' ? readFastjson(name) : name
        return [key.read(parsed, `${path} key`), value.read(item, `${path} value`)] as const
      })
    },
    write: (entries) => new Map(entries.map(([name, item]) => [key.write(name), value.write(item)])),
  }
}

/** A body of JSON. */
export function json<T>(shape: Shape<T>): Body<T> {
  return {
    type: 'JSON',
    read: (bytes) => shape.read(readFastjson(bytes.toString('utf8')), 'body'),
    write: (value) => Buffer.from(writeFastjson(shape.write(value))),
  }
}

/** A JSON body that may be absent. */
export function maybeJson<T>(shape: Shape<T>): Body<T | undefined> {
  const body = json(shape)
  return {
    type: 'JSON',
    read: (bytes) => (bytes.length === 0 ? undefined : body.read(bytes)),
    write: (value) => (value === undefined ? Buffer.alloc(0) : body.write(value)),
  }
}

/** A body passed on as it is. */
export const raw: Body<Buffer> = { type: 'bytes', read: (bytes) => bytes, write: (value) => value }

/** A body of UTF-8 text. */
export const textBody: Body<string> = {
  type: 'text',
  read: (bytes) => bytes.toString('utf8'),
  write: (value) => Buffer.from(value),
}
