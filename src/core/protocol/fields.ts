import { ProtocolError } from '../errors.ts'

/** Reads and writes one entry of a command's `extFields`, which is text on the wire. */
export interface Field<T> {
  /** The name on the wire, where it differs from the key in the schema. */
  readonly wire?: string
  readonly optional?: true
  /** What it carries, for documentation: `text`, `int`, `LOWER | UPPER`. */
  readonly type: string
  read(text: string): T
  write(value: T): string
}

/** A field that may be absent (`@CFNullable` in Java's header classes). */
export interface OptionalField<T> extends Field<T> {
  readonly optional: true
}

/** The fields of one command header, by name. */
export type HeaderSchema = Readonly<Record<string, Field<unknown>>>

type ValueOf<F> = F extends { read(text: string): infer T } ? T : never
type OptionalKeys<S> = { [K in keyof S]: S[K] extends { optional: true } ? K : never }[keyof S]
type Simplify<T> = { [K in keyof T]: T[K] } & {}

/** The object a header schema describes. */
export type HeaderOf<S> = Simplify<
  { readonly [K in Exclude<keyof S, OptionalKeys<S>>]: ValueOf<S[K]> } & {
    readonly [K in OptionalKeys<S>]?: ValueOf<S[K]> | undefined
  }
>

export const text: Field<string> = { type: 'text', read: (value) => value, write: (value) => value }

/** Java's `Boolean.parseBoolean`: anything but "true", in any case, is false. */
export const bool: Field<boolean> = { type: 'bool', read: (value) => value.toLowerCase() === 'true', write: String }

/** A Java `int`: 32 bits, signed. */
export const int: Field<number> = {
  type: 'int',
  read: (value) => checkInt(Number(digits(value))),
  write: (value) => String(checkInt(value)),
}

/** A Java `long` known to stay below 2^53: a queue offset, a count, a time in ms. */
export const long: Field<number> = {
  type: 'long',
  read: (value) => checkSafe(Number(digits(value)), value),
  write: (value) => String(checkSafe(value, String(value))),
}

/** A Java `long` of any size: a commit-log position. */
export const int64: Field<bigint> = {
  type: 'int64',
  read: (value) => checkInt64(BigInt(digits(value))),
  write: (value) => String(checkInt64(value)),
}

/** A Java `double`, in decimal. */
export const double: Field<number> = {
  type: 'double',
  read(value) {
    if (!/^-?\d{1,400}(?:\.\d{1,400})?(?:[eE][-+]?\d{1,4})?$/.test(value)) {
      throw new ProtocolError(`not a number: '${value.slice(0, 40)}'`)
    }
    return Number(value)
  },
  write(value) {
    if (!Number.isFinite(value)) throw new ProtocolError(`not a finite number: ${value}`)
    return String(value)
  },
}

export function oneOf<const V extends string>(...values: readonly V[]): Field<V> {
  return {
    type: values.join(' | '),
    read(value) {
      const found = values.find((candidate) => candidate === value)
      if (found === undefined)
        throw new ProtocolError(`expected one of ${values.join(', ')}, got '${value.slice(0, 40)}'`)
      return found
    },
    write: (value) => value,
  }
}

export function optional<T>(field: Field<T>): OptionalField<T> {
  return { ...field, optional: true }
}

/** Gives a field another name on the wire, as SEND_MESSAGE_V2 does (`topic` travels as `b`). */
export function named<F extends Field<unknown>>(wire: string, field: F): F {
  return { ...field, wire }
}

function checkInt(value: number): number {
  if ((value | 0) !== value) throw new ProtocolError(`not a 32-bit integer: ${value}`)
  return value
}

function checkSafe(value: number, text: string): number {
  if (!Number.isSafeInteger(value)) throw new ProtocolError(`not a safe integer: ${text}`)
  return value
}

function checkInt64(value: bigint): bigint {
  if (BigInt.asIntN(64, value) !== value) throw new ProtocolError(`not a 64-bit integer: ${value.toString()}`)
  return value
}

/** `Number` and `BigInt` read the empty string as 0; the wire must not. */
function digits(value: string): string {
  if (!/^-?\d{1,19}$/.test(value)) throw new ProtocolError(`not an integer: '${value.slice(0, 40)}'`)
  return value
}
