import { ProtocolError } from '../errors.ts'
import type { Field, HeaderOf, HeaderSchema } from './fields.ts'

/** The custom header of a command: text by name. A map, because the names come from the wire. */
export type ExtFields = ReadonlyMap<string, string>

/** The fields of a header as they travel. Throws {@link ProtocolError} when a required one is missing. */
export function writeHeader<S extends HeaderSchema>(schema: S, header: HeaderOf<S>): Map<string, string> {
  const fields = new Map<string, string>()
  for (const { name, wire, field } of fieldsOf(schema)) {
    const value = (header as Readonly<Record<string, unknown>>)[name]
    if (value !== undefined) fields.set(wire, field.write(value))
    else if (field.optional === undefined) throw new ProtocolError(`missing header field ${name}`)
  }
  return fields
}

/** Reads the fields a schema names and ignores all others, so hostile names reach no object. */
export function readHeader<S extends HeaderSchema>(schema: S, fields: ExtFields): HeaderOf<S> {
  const header: Record<string, unknown> = {}
  for (const { name, wire, field } of fieldsOf(schema)) {
    const value = fields.get(wire)
    if (value !== undefined) header[name] = field.read(value)
    else if (field.optional === undefined) throw new ProtocolError(`missing header field ${name}`)
  }
  return header as HeaderOf<S>
}

interface NamedField {
  readonly name: string
  readonly wire: string
  readonly field: Field<unknown>
}

/** Taken apart once for each schema: headers are read and written with every frame. */
const takenApart = new WeakMap<HeaderSchema, readonly NamedField[]>()

function fieldsOf(schema: HeaderSchema): readonly NamedField[] {
  let fields = takenApart.get(schema)
  if (fields === undefined) {
    fields = Object.entries(schema).map(([name, field]) => ({ name, wire: field.wire ?? name, field }))
    takenApart.set(schema, fields)
  }
  return fields
}
