import { crc32 } from 'node:zlib'
import { ProtocolError } from '../../errors.ts'
import { parseIp } from './ip.ts'
import { MAX_PROPERTIES_BYTES } from './properties.ts'
import { MessageSysFlag } from './sys-flag.ts'

// i32 totalSize | i32 magic | i32 bodyCRC | i32 queueId | i32 flag | i64 queueOffset | i64 physicalOffset | i32 sysFlag
// i64 bornTimestamp | bornHost (4 or 16, i32 port) | i64 storeTimestamp | storeHost (4 or 16, i32 port)
// i32 reconsumeTimes | i64 preparedTransactionOffset | i32 bodyLength, body | u8 (V2: u16) topicLength, topic
// i16 propertiesLength, properties
export const MAGIC_V1 = 0xdaa320a7
export const MAGIC_V2 = 0xdaa320ab

/** Where the fields before the hosts lie. */
export const At = {
  TOTAL_SIZE: 0,
  MAGIC: 4,
  BODY_CRC: 8,
  QUEUE_ID: 12,
  FLAG: 16,
  QUEUE_OFFSET: 20,
  PHYSICAL_OFFSET: 28,
  SYS_FLAG: 36,
  BORN_TIMESTAMP: 40,
  BORN_HOST: 48,
} as const

/** The shortest record there can be: IPv4 hosts, no body, no topic, no properties. */
const MIN_BYTES = 91

/** An address inside a message. */
export interface Host {
  readonly ip: string
  readonly port: number
}

/** Everything a stored record says. */
export interface StoredMessageParts {
  readonly queueId: number
  readonly flag: number
  readonly queueOffset: number
  readonly physicalOffset: bigint
  readonly sysFlag: number
  readonly bornTimestamp: number
  readonly bornHost: Host
  readonly storeTimestamp: number
  readonly storeHost: Host
  readonly reconsumeTimes: number
  readonly preparedTransactionOffset: bigint
  /** As stored: compressed if `sysFlag` says so. */
  readonly body: Buffer
  readonly topic: string
  /** Encoded; see properties.ts. */
  readonly properties: string
}

/** The checksum of a body as records carry it: CRC-32 without its top bit. */
export function bodyCrc(body: Buffer): number {
  return body.length === 0 ? 0 : crc32(body) & 0x7fffffff
}

/** Writes a record; V2 only for a topic of more than 127 bytes. The address-family bits of `sysFlag` are set here. */
export function encodeStoredMessage(parts: StoredMessageParts): Buffer {
  const bornHost = hostBytes(parts.bornHost)
  const storeHost = hostBytes(parts.storeHost)
  const topic = Buffer.from(parts.topic)
  const properties = Buffer.from(parts.properties)
  if (properties.length > MAX_PROPERTIES_BYTES) throw new ProtocolError(`properties of ${properties.length} bytes`)
  const long = topic.length > 127
  const size =
    74 + bornHost.length + storeHost.length + parts.body.length + (long ? 2 : 1) + topic.length + properties.length
  const bytes = Buffer.allocUnsafe(size)
  const sysFlag =
    (parts.sysFlag & ~(MessageSysFlag.BORN_HOST_V6 | MessageSysFlag.STORE_HOST_V6)) |
    (bornHost.length > 8 ? MessageSysFlag.BORN_HOST_V6 : 0) |
    (storeHost.length > 8 ? MessageSysFlag.STORE_HOST_V6 : 0)
  bytes.writeInt32BE(size, At.TOTAL_SIZE)
  bytes.writeUInt32BE(long ? MAGIC_V2 : MAGIC_V1, At.MAGIC)
  bytes.writeInt32BE(bodyCrc(parts.body), At.BODY_CRC)
  bytes.writeInt32BE(parts.queueId, At.QUEUE_ID)
  bytes.writeInt32BE(parts.flag, At.FLAG)
  bytes.writeBigInt64BE(BigInt(parts.queueOffset), At.QUEUE_OFFSET)
  bytes.writeBigInt64BE(parts.physicalOffset, At.PHYSICAL_OFFSET)
  bytes.writeInt32BE(sysFlag, At.SYS_FLAG)
  bytes.writeBigInt64BE(BigInt(parts.bornTimestamp), At.BORN_TIMESTAMP)
  let at: number = At.BORN_HOST
  at += bornHost.copy(bytes, at)
  at = bytes.writeBigInt64BE(BigInt(parts.storeTimestamp), at)
  at += storeHost.copy(bytes, at)
  at = bytes.writeInt32BE(parts.reconsumeTimes, at)
  at = bytes.writeBigInt64BE(parts.preparedTransactionOffset, at)
  at = bytes.writeInt32BE(parts.body.length, at)
  at += parts.body.copy(bytes, at)
  at = long ? bytes.writeUInt16BE(topic.length, at) : bytes.writeUInt8(topic.length, at)
  at += topic.copy(bytes, at)
  at = bytes.writeUInt16BE(properties.length, at)
  properties.copy(bytes, at)
  return bytes
}

function hostBytes(host: Host): Buffer {
  const ip = parseIp(host.ip)
  if (ip === undefined) throw new ProtocolError(`not an IP address: ${host.ip}`)
  const port = Buffer.allocUnsafe(4)
  port.writeInt32BE(host.port)
  return Buffer.concat([ip, port])
}

/** Where the variable parts of one record lie, from its first byte. */
export interface RecordLayout {
  readonly storeTimestamp: number
  readonly storeHost: number
  readonly reconsumeTimes: number
  readonly body: number
  readonly bodyBytes: number
  readonly topic: number
  readonly topicBytes: number
  readonly properties: number
  readonly propertiesBytes: number
}

/** Finds the parts of the record at `start`; it has been checked by {@link checkRecord}. */
export function recordLayout(bytes: Buffer, start: number): RecordLayout {
  const sysFlag = bytes.readInt32BE(start + At.SYS_FLAG)
  const storeTimestamp = start + At.BORN_HOST + (sysFlag & MessageSysFlag.BORN_HOST_V6 ? 20 : 8)
  const storeHost = storeTimestamp + 8
  const reconsumeTimes = storeHost + (sysFlag & MessageSysFlag.STORE_HOST_V6 ? 20 : 8)
  const body = reconsumeTimes + 16
  const bodyBytes = bytes.readInt32BE(body - 4)
  const topicLength = body + bodyBytes
  const long = bytes.readUInt32BE(start + At.MAGIC) === MAGIC_V2
  const topicBytes = long ? bytes.readUInt16BE(topicLength) : bytes.readUInt8(topicLength)
  const topic = topicLength + (long ? 2 : 1)
  const properties = topic + topicBytes + 2
  const propertiesBytes = bytes.readUInt16BE(properties - 2)
  return { storeTimestamp, storeHost, reconsumeTimes, body, bodyBytes, topic, topicBytes, properties, propertiesBytes }
}

/**
 * Checks the record at `start` so far that no later read can leave it, and returns its size. Throws
 * {@link ProtocolError} when it is cut or its lengths contradict each other; the rest of the buffer is then unusable.
 */
export function checkRecord(bytes: Buffer, start: number): number {
  const left = bytes.length - start
  if (left < MIN_BYTES) throw new ProtocolError(`a message record is cut: ${left} bytes are left`)
  const size = bytes.readInt32BE(start)
  const magic = bytes.readUInt32BE(start + At.MAGIC)
  if (magic !== MAGIC_V1 && magic !== MAGIC_V2) {
    throw new ProtocolError(`a message record starts with magic ${magic.toString(16)}`)
  }
  if (size < MIN_BYTES || size > left) throw new ProtocolError(`a message record announces ${size} of ${left} bytes`)
  const end = start + size
  const sysFlag = bytes.readInt32BE(start + At.SYS_FLAG)
  const v6 = (sysFlag & MessageSysFlag.BORN_HOST_V6 ? 12 : 0) + (sysFlag & MessageSysFlag.STORE_HOST_V6 ? 12 : 0)
  const body = start + 88 + v6
  // biome-ignore format: the order of the checks is their point
  if (body > end || bytes.readInt32BE(body - 4) < 0 || body + bytes.readInt32BE(body - 4) + (magic === MAGIC_V2 ? 2 : 1) > end) {
    throw new ProtocolError('a message record ends inside its body')
  }
  const topicLength = body + bytes.readInt32BE(body - 4)
  const topicEnd =
    topicLength + (magic === MAGIC_V2 ? 2 + bytes.readUInt16BE(topicLength) : 1 + bytes.readUInt8(topicLength))
  if (topicEnd + 2 > end) throw new ProtocolError('a message record ends inside its topic')
  if (topicEnd + 2 + bytes.readUInt16BE(topicEnd) !== end) {
    throw new ProtocolError('the lengths inside a message record do not add up to its size')
  }
  return size
}
