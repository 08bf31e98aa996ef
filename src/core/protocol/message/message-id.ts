import { ProtocolError } from '../../errors.ts'
import { formatIp, parseIp } from './ip.ts'

/** What an offset message id names: a record in the commit log of the broker at an address. */
export interface OffsetMessageId {
  readonly host: string
  readonly port: number
  readonly commitLogOffset: bigint
}

/** The id a broker gives: address, port and commit-log offset as upper-case hex, 32 digits (IPv6: 56). */
export function encodeOffsetMessageId(id: OffsetMessageId): string {
  const ip = parseIp(id.host)
  if (ip === undefined) throw new ProtocolError(`not an IP address: ${id.host}`)
  const bytes = Buffer.allocUnsafe(ip.length + 12)
  bytes.set(ip, 0)
  bytes.writeInt32BE(id.port, ip.length)
  bytes.writeBigInt64BE(id.commitLogOffset, ip.length + 4)
  return bytes.toString('hex').toUpperCase()
}

/** Reads an offset message id in either case. Throws {@link ProtocolError} for anything else. */
export function decodeOffsetMessageId(id: string): OffsetMessageId {
  if (!/^(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{56})$/.test(id)) {
    throw new ProtocolError(`not an offset message id: '${id.slice(0, 80)}'; it has 32 or 56 hex digits`)
  }
  const bytes = Buffer.from(id, 'hex')
  const ipBytes = bytes.length - 12
  return {
    host: formatIp(bytes.subarray(0, ipBytes)),
    port: bytes.readInt32BE(ipBytes),
    commitLogOffset: bytes.readBigInt64BE(ipBytes + 4),
  }
}

/** Where a UNIQ_KEY generator runs. */
export interface UniqKeyOrigin {
  /** An IP address of this host. */
  readonly ip: string
  readonly pid: number
  /** Any number that is stable for the process and differs between generators of one process. */
  readonly instance: number
}

/**
 * Makes client-side message ids (`MessageClientIDSetter.java`): IP, pid, instance, milliseconds since the start of the
 * month in local time, counter; upper-case hex. Unique while fewer than 65536 are made in one millisecond.
 */
export class UniqKeyGenerator {
  readonly #prefix: string
  #counter = 0
  #monthStart = 0
  #nextMonth = 0

  constructor(origin: UniqKeyOrigin) {
    const ip = parseIp(origin.ip)
    if (ip === undefined) throw new ProtocolError(`not an IP address: ${origin.ip}`)
    const tail = Buffer.allocUnsafe(6)
    tail.writeUInt16BE(origin.pid & 0xffff, 0)
    tail.writeUInt32BE(origin.instance >>> 0, 2)
    this.#prefix = Buffer.concat([ip, tail]).toString('hex').toUpperCase()
  }

  /** The next id at a time in ms since the epoch. */
  next(nowMs: number): string {
    if (nowMs >= this.#nextMonth || nowMs < this.#monthStart) this.#turnMonth(nowMs)
    const tail = Buffer.allocUnsafe(6)
    tail.writeUInt32BE((nowMs - this.#monthStart) >>> 0, 0)
    tail.writeUInt16BE(this.#counter, 4)
    this.#counter = (this.#counter + 1) & 0xffff
    return this.#prefix + tail.toString('hex').toUpperCase()
  }

  #turnMonth(nowMs: number): void {
    const now = new Date(nowMs)
    this.#monthStart = new Date(now.getFullYear(), now.getMonth(), 1).getTime()
    this.#nextMonth = new Date(now.getFullYear(), now.getMonth() + 1, 1).getTime()
  }
}
