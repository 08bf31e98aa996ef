import { ProtocolError } from '../../errors.ts'
import { MAX_PROPERTIES_BYTES } from './properties.ts'

// i32 totalSize | i32 magic 0 | i32 crc 0 | i32 flag | i32 bodyLength, body | i16 propertiesLength, properties
const FIXED = 22

/** One member of a batch, as a producer sends it. */
export interface BatchMember {
  readonly flag: number
  readonly body: Buffer
  /** Encoded; see properties.ts. */
  readonly properties: string
}

/** The body of SEND_BATCH_MESSAGE: the members one after another (`MessageDecoder#encodeMessage`). */
export function encodeBatch(members: readonly BatchMember[]): Buffer {
  return Buffer.concat(members.map(encodeMember))
}

function encodeMember(member: BatchMember): Buffer {
  const properties = Buffer.from(member.properties)
  if (properties.length > MAX_PROPERTIES_BYTES) throw new ProtocolError(`properties of ${properties.length} bytes`)
  const bytes = Buffer.alloc(FIXED + member.body.length + properties.length)
  bytes.writeInt32BE(bytes.length, 0)
  bytes.writeInt32BE(member.flag, 12)
  bytes.writeInt32BE(member.body.length, 16)
  member.body.copy(bytes, 20)
  bytes.writeUInt16BE(properties.length, 20 + member.body.length)
  properties.copy(bytes, FIXED + member.body.length)
  return bytes
}

/** Reads a batch. Throws {@link ProtocolError} when a member is cut or its lengths do not add up. */
export function decodeBatch(bytes: Buffer): BatchMember[] {
  return [...batchMembers(bytes)]
}

/** The same, one at a time, for a batch that may be much larger than expected. */
export function* batchMembers(bytes: Buffer): Generator<BatchMember> {
  let at = 0
  while (at < bytes.length) {
    if (bytes.length - at < FIXED) throw new ProtocolError('a batch ends inside a member')
    const size = bytes.readInt32BE(at)
    const bodyBytes = bytes.readInt32BE(at + 16)
    const propertiesAt = at + FIXED + bodyBytes
    if (bodyBytes < 0 || size < FIXED || size > bytes.length - at || propertiesAt > at + size) {
      throw new ProtocolError(`a batch member announces ${size} bytes with a body of ${bodyBytes}`)
    }
    if (propertiesAt + bytes.readUInt16BE(propertiesAt - 2) !== at + size) {
      throw new ProtocolError('the lengths inside a batch member do not add up to its size')
    }
    yield {
      flag: bytes.readInt32BE(at + 12),
      body: bytes.subarray(at + 20, propertiesAt - 2),
      properties: bytes.toString('utf8', propertiesAt, at + size),
    }
    at += size
  }
}
