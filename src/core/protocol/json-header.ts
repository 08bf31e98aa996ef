import { ProtocolError } from '../errors.ts'
import { type Language, languages } from './codes.ts'
import { noExtFields, type RemotingCommand } from './remoting-command.ts'

type Header = Omit<RemotingCommand, 'body' | 'serialization'>

/**
 * Writes the JSON form of a header, keys in the order Java writes them (`RemotingSerializable`). A language we do not
 * know is written as OTHER, as in the binary form: left out it would read as JAVA.
 */
export function writeJsonHeader(header: Header): Buffer {
  const fields = header.extFields.size === 0 ? '' : `"extFields":${stringMap(header.extFields)},`
  const remark = header.remark === undefined ? '' : `"remark":${JSON.stringify(header.remark)},`
  return Buffer.from(
    `{"code":${header.code},${fields}"flag":${header.flag},"language":"${header.language ?? 'OTHER'}","opaque":${header.opaque},${remark}"serializeTypeCurrentRPC":"JSON","version":${header.version}}`,
  )
}

function stringMap(fields: ReadonlyMap<string, string>): string {
  let text = ''
  for (const [name, value] of fields) {
    text += `${text === '' ? '{' : ','}${quoted(name)}:${quoted(value)}`
  }
  return `${text}}`
}

/** Printable ASCII without quote and backslash needs no escape: nearly every name and value there is. */
const plain = /^[ !#-[\]-~]*$/

function quoted(text: string): string {
  return plain.test(text) ? `"${text}"` : JSON.stringify(text)
}

/**
 * Reads the JSON form of a header: any key order, missing and unknown keys allowed, ext field values as text or number.
 * Throws {@link ProtocolError} on anything else.
 */
export function readJsonHeader(bytes: Buffer): Header {
  const parsed = parse(bytes)
  return {
    code: integer(parsed, 'code'),
    language: language(parsed['language']),
    version: integer(parsed, 'version'),
    opaque: integer(parsed, 'opaque'),
    flag: integer(parsed, 'flag'),
    remark: typeof parsed['remark'] === 'string' ? parsed['remark'] : undefined,
    extFields: extFields(parsed['extFields']),
  }
}

function parse(bytes: Buffer): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    throw new ProtocolError('a command header is not JSON', { cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ProtocolError('a command header is not a JSON object')
  }
  return value as Readonly<Record<string, unknown>>
}

function integer(parsed: Readonly<Record<string, unknown>>, name: string): number {
  const value = Object.hasOwn(parsed, name) ? parsed[name] : 0
  if (typeof value !== 'number' || (value | 0) !== value) {
    throw new ProtocolError(`header field ${name} is not a 32-bit integer`)
  }
  return value
}

/** By name or by number; an absent one reads as JAVA, an unknown one as none (`LanguageCode.java`). */
function language(value: unknown): Language | undefined {
  if (value === undefined) return 'JAVA'
  if (typeof value === 'number') return languages[value]
  return languages.find((name) => name === value)
}

function extFields(value: unknown): ReadonlyMap<string, string> {
  if (value === undefined || value === null) return noExtFields
  if (typeof value !== 'object' || Array.isArray(value)) throw new ProtocolError('extFields is not an object')
  const fields = new Map<string, string>()
  for (const [name, field] of Object.entries(value)) {
    if (typeof field === 'string') fields.set(name, field)
    else if (typeof field === 'number') fields.set(name, numberText(name, field))
    else if (typeof field === 'boolean') fields.set(name, String(field))
  }
  return fields
}

/** `JSON.parse` has rounded an integer beyond 2^53 already; a wrong offset is worse than none. */
function numberText(name: string, value: number): string {
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new ProtocolError(`ext field ${name.slice(0, 40)} is a number too large to be read exactly`)
  }
  return String(value)
}
