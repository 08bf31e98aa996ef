import { ProtocolError } from '../../errors.ts'

/** Where a decompressor writes: grows with what is written, never beyond a limit. */
export class GrowingBuffer {
  readonly #maxBytes: number
  #buffer = Buffer.allocUnsafeSlow(4096)
  #size = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** How many bytes have been written. */
  get size(): number {
    return this.#size
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#buffer.set(bytes, this.#size)
    this.#size += bytes.length
  }

  /** Appends one byte `length` times. */
  fill(byte: number, length: number): void {
    this.#reserve(length)
    this.#buffer.fill(byte, this.#size, this.#size + length)
    this.#size += length
  }

  /** Appends `length` bytes that stand `distance` before the end; the two may overlap, and then repeat themselves. */
  repeat(distance: number, length: number): void {
    if (distance < 1 || distance > this.#size) throw new ProtocolError('a compressed body refers to before its start')
    this.#reserve(length)
    const buffer = this.#buffer
    const start = this.#size
    const from = start - distance
    this.#size += length
    if (length < 32) {
      for (let i = 0; i < length; i++) buffer[start + i] = buffer[from + i] ?? 0
      return
    }
    for (let done = 0; done < length; ) {
      const part = Math.min(length - done, distance + done)
      buffer.copyWithin(start + done, from, from + part)
      done += part
    }
  }

  /** What was written. Nothing may be written afterwards. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#size)
  }

  #reserve(more: number): void {
    const needed = this.#size + more
    if (needed > this.#maxBytes) throw new ProtocolError(`a body expands to more than ${this.#maxBytes} bytes`)
    if (needed <= this.#buffer.length) return
    const grown = Buffer.allocUnsafeSlow(Math.min(this.#maxBytes, Math.max(needed, this.#buffer.length * 2)))
    grown.set(this.#buffer.subarray(0, this.#size))
    this.#buffer = grown
  }
}
