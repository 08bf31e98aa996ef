import { ProtocolError } from '../errors.ts'
import type { HeaderOf, HeaderSchema } from './fields.ts'

/** The custom header of a command: text by name. A map, because the names come from the wire. */
export type ExtFields = ReadonlyMap<string, string>

/** The fields of a header as they travel. Throws {@link ProtocolError} when a required one is missing. */
export function writeHeader<S extends HeaderSchema>(schema: S, header: HeaderOf<S>): Map<string, string> {
  const fields = new Map<string, string>()
  for (const [name, field] of Object.entries(schema)) {
    const value = (header as Readonly<Record<string, unknown>>)[name]
    if (value !== undefined) fields.set(field.wire ?? name, field.write(value))
    else if (field.optional === undefined) throw new ProtocolError(`missing header field ${name}`)
  }
  return fields
}

/** Reads the fields a schema names and ignores all others, so hostile names reach no object. */
export function readHeader<S extends HeaderSchema>(schema: S, fields: ExtFields): HeaderOf<S> {
  const header: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(schema)) {
    const value = fields.get(field.wire ?? name)
    if (value !== undefined) header[name] = field.read(value)
    else if (field.optional === undefined) throw new ProtocolError(`missing header field ${name}`)
  }
  return header as HeaderOf<S>
}
