// Big-endian, so that the order of the bytes is the order of the numbers.
// log     u64 commit-log offset                          → the record, as it travels
// queue   u32 topic id | u16 queue id | u48 queue offset → u64 commit-log offset | u32 size | i64 tag code
// index   u32 minute | u32 hash of topic#key | u64 commit-log offset → one byte
// due     u48 due time in ms | u64 commit-log offset     → u64 offset in the schedule queue | u16 delay level
// popped  u48 time it becomes visible | group 0x00 topic 0x00 u16 queue id u48 queue offset
//                                                        → u48 time of the POP | u64 commit-log offset
// offset  group 0x00 topic 0x00 u16 queue id             → i64 offset | u8 1 while a reset is pending
// config  text                                           → JSON

const HIGH = 0x1_0000_0000

/** The greatest number that fits into 48 bits. */
export const MAX_UINT48 = 2 ** 48 - 1

/** Past every position a log can reach. */
export const MAX_POSITION = Number.MAX_SAFE_INTEGER

export function writeUint64(bytes: Buffer, value: number, at: number): void {
  bytes.writeUInt32BE(Math.floor(value / HIGH), at)
  bytes.writeUInt32BE(value % HIGH, at + 4)
}

export function readUint64(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at) * HIGH + bytes.readUInt32BE(at + 4)
}

export function logKey(position: number): Buffer {
  const key = Buffer.allocUnsafe(8)
  writeUint64(key, position, 0)
  return key
}

export function queueKeyOf(topicId: number, queueId: number, queueOffset: number): Buffer {
  const key = Buffer.allocUnsafe(12)
  key.writeUInt32BE(topicId, 0)
  key.writeUInt16BE(queueId, 4)
  key.writeUIntBE(queueOffset, 6, 6)
  return key
}

export function indexKey(minute: number, hash: number, position: number): Buffer {
  const key = Buffer.allocUnsafe(16)
  key.writeUInt32BE(minute, 0)
  key.writeUInt32BE(hash >>> 0, 4)
  writeUint64(key, position, 8)
  return key
}

export function dueKey(dueMs: number, position: number): Buffer {
  const key = Buffer.allocUnsafe(14)
  key.writeUIntBE(dueMs, 0, 6)
  writeUint64(key, position, 6)
  return key
}

export function offsetKey(group: string, topic: string, queueId: number): Buffer {
  const names = Buffer.from(`${group}\u0000${topic}\u0000`)
  const key = Buffer.allocUnsafe(names.length + 2)
  names.copy(key)
  key.writeUInt16BE(queueId, names.length)
  return key
}

/** Reads what {@link offsetKey} wrote. */
export function readOffsetKey(key: Buffer): {
  readonly group: string
  readonly topic: string
  readonly queueId: number
} {
  const groupEnd = key.indexOf(0)
  const topicEnd = key.indexOf(0, groupEnd + 1)
  return {
    group: key.toString('utf8', 0, groupEnd),
    topic: key.toString('utf8', groupEnd + 1, topicEnd),
    queueId: key.readUInt16BE(topicEnd + 1),
  }
}

export function poppedKey(visibleAtMs: number, group: string, topic: string, queueId: number, offset: number): Buffer {
  const key = Buffer.concat([Buffer.alloc(6), offsetKey(group, topic, queueId), Buffer.alloc(6)])
  key.writeUIntBE(visibleAtMs, 0, 6)
  key.writeUIntBE(offset, key.length - 6, 6)
  return key
}

export function configKey(kind: string, name: string): Buffer {
  return Buffer.from(`${kind}/${name}`)
}

/** The range of all keys that start with `prefix`; `prefix` must not end in 0xff. */
export function prefixRange(prefix: Buffer): { readonly start: Buffer; readonly end: Buffer } {
  const end = Buffer.from(prefix)
  end[end.length - 1] = (end[end.length - 1] ?? 0) + 1
  return { start: prefix, end }
}
