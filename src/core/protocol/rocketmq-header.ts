import { ProtocolError } from '../errors.ts'
import { languages } from './codes.ts'
import { noExtFields, type RemotingCommand } from './remoting-command.ts'

type Header = Omit<RemotingCommand, 'body' | 'serialization'>

// i16 code | u8 language | i16 version | i32 opaque | i32 flag
// i32 remarkLength | remark | i32 extLength | (i16 keyLength | key | i32 valueLength | value)*
const FIXED = 21

/**
 * Writes the binary form of a header (`RocketMQSerializable.java`). Its code and version have 16 bits:
 * throws {@link ProtocolError} for one that does not fit. Empty values are left out: they would arrive as null.
 */
export function writeRocketmqHeader(header: Header): Buffer {
  checkInt16('code', header.code)
  checkInt16('version', header.version)
  const remark = Buffer.from(header.remark ?? '')
  const fields = [...header.extFields]
    .filter(([, value]) => value !== '')
    .flatMap(([name, value]) => entry(name, value))
  const extLength = fields.reduce((sum, part) => sum + part.length, 0)
  const head = Buffer.allocUnsafe(17)
  head.writeInt16BE(header.code, 0)
  head.writeUInt8(header.language === undefined ? languages.indexOf('OTHER') : languages.indexOf(header.language), 2)
  head.writeInt16BE(header.version, 3)
  head.writeInt32BE(header.opaque, 5)
  head.writeInt32BE(header.flag, 9)
  head.writeInt32BE(remark.length, 13)
  return Buffer.concat([head, remark, int32(extLength), ...fields])
}

function checkInt16(name: string, value: number): void {
  if ((value << 16) >> 16 !== value) throw new ProtocolError(`${name} ${value} does not fit the binary header`)
}

function entry(name: string, value: string): Buffer[] {
  const nameBytes = Buffer.from(name)
  const valueBytes = Buffer.from(value)
  if (nameBytes.length > 32_767) throw new ProtocolError(`ext field name of ${nameBytes.length} bytes`)
  const nameLength = Buffer.allocUnsafe(2)
  nameLength.writeInt16BE(nameBytes.length)
  return [nameLength, nameBytes, int32(valueBytes.length), valueBytes]
}

function int32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeInt32BE(value)
  return bytes
}

/** Reads the binary form of a header. Throws {@link ProtocolError} when a length does not fit. */
export function readRocketmqHeader(bytes: Buffer): Header {
  if (bytes.length < FIXED) throw new ProtocolError(`a binary header of ${bytes.length} bytes`)
  const remarkLength = length(bytes, 13)
  const remark = remarkLength === 0 ? undefined : bytes.toString('utf8', 17, 17 + remarkLength)
  const extStart = 17 + remarkLength + 4
  if (extStart > bytes.length) throw new ProtocolError('a binary header ends inside its remark')
  const extLength = length(bytes, extStart - 4)
  return {
    code: bytes.readInt16BE(0),
    language: languages[bytes.readUInt8(2)],
    version: bytes.readInt16BE(3),
    opaque: bytes.readInt32BE(5),
    flag: bytes.readInt32BE(9),
    remark,
    extFields: extLength === 0 ? noExtFields : extFields(bytes.subarray(extStart, extStart + extLength)),
  }
}

function length(bytes: Buffer, at: number): number {
  const value = bytes.readInt32BE(at)
  if (value < 0 || at + 4 + value > bytes.length) throw new ProtocolError(`a length of ${value} in a binary header`)
  return value
}

function extFields(bytes: Buffer): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  let at = 0
  while (at < bytes.length) {
    if (at + 2 > bytes.length) throw new ProtocolError('ext fields end inside a name length')
    const nameLength = bytes.readInt16BE(at)
    const valueAt = at + 2 + nameLength
    if (nameLength < 0 || valueAt + 4 > bytes.length) throw new ProtocolError('ext fields end inside a name')
    const valueLength = length(bytes, valueAt)
    const end = valueAt + 4 + valueLength
    if (valueLength > 0) fields.set(bytes.toString('utf8', at + 2, valueAt), bytes.toString('utf8', valueAt + 4, end))
    at = end
  }
  return fields
}
