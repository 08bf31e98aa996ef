import { ProtocolError } from '../../../errors.ts'

/** Reads bits from the lowest of the first byte upwards, as tables of probabilities are written. */
export class ForwardBits {
  readonly #bytes: Uint8Array
  /** The next bit. */
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Up to 16 bits, without taking them; beyond the end they are 0. */
  peek(count: number): number {
    return word(this.#bytes, this.#at >> 3, this.#at & 7) & (2 ** count - 1)
  }

  /** Throws {@link ProtocolError} when there are not so many. */
  take(count: number): number {
    const value = this.peek(count)
    this.#at += count
    if (this.#at > this.#bytes.length * 8) throw new ProtocolError('a zstd table is cut')
    return value
  }

  /** How many bytes have been begun. */
  get bytesTaken(): number {
    return (this.#at + 7) >> 3
  }
}

/**
 * Reads bits from the end to the start: the last byte holds a 1 above the first of them. What is read beyond the start
 * is 0, and `left` is then negative: every reader ends there and decides whether it was right.
 */
export class BackwardBits {
  readonly #bytes: Uint8Array
  #left: number

  constructor(bytes: Uint8Array) {
    const last = bytes[bytes.length - 1] ?? 0
    if (last === 0) throw new ProtocolError('a zstd bit stream has no end mark')
    this.#bytes = bytes
    this.#left = (bytes.length - 1) * 8 + 31 - Math.clz32(last)
  }

  get left(): number {
    return this.#left
  }

  /** Up to 16 bits, without taking them. */
  peek(count: number): number {
    const at = this.#left - count
    if (at >= 0) return word(this.#bytes, at >> 3, at & 7) & ((1 << count) - 1)
    if (this.#left <= 0) return 0
    return (word(this.#bytes, 0, 0) & ((1 << this.#left) - 1)) << -at
  }

  skip(count: number): void {
    this.#left -= count
  }

  /** Up to 31 bits. */
  take(count: number): number {
    if (count > 16) return this.take(count - 16) * 65_536 + this.take(16)
    const value = this.peek(count)
    this.#left -= count
    return value
  }
}

/** At least 16 bits from a bit of a byte upwards. */
function word(bytes: Uint8Array, at: number, bit: number): number {
  return ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16)) >>> bit
}
