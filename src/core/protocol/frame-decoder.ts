import { decodeCommand, type FrameShape, MAX_FRAME_BYTES, PREFIX_BYTES, readPrefix } from './frame.ts'
import type { RemotingCommand } from './remoting-command.ts'

/**
 * Cuts a byte stream into commands. Chunks may end anywhere and may be reused after `push` has returned: a header is
 * read where it lies, a body is copied once into a buffer of exactly its size, which is never written again.
 * Throws ProtocolError on the first wrong byte; the stream is then of no further use.
 */
export class FrameDecoder {
  readonly #maxBytes: number
  readonly #onCommand: (command: RemotingCommand) => void
  readonly #prefix = Buffer.alloc(PREFIX_BYTES)
  /** Bytes of the current frame seen so far, prefix included. */
  #seen = 0
  #shape: FrameShape | undefined
  /** Only when the header straddles chunks. */
  #header: Buffer | undefined
  #decoded: RemotingCommand | undefined
  #body: Buffer | undefined

  constructor(onCommand: (command: RemotingCommand) => void, options: { readonly maxBytes?: number } = {}) {
    this.#onCommand = onCommand
    this.#maxBytes = options.maxBytes ?? MAX_FRAME_BYTES
  }

  /** Whether the stream ends between two frames. */
  get idle(): boolean {
    return this.#seen === 0
  }

  push(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#shape === undefined) at = this.#takePrefix(chunk, at)
      if (this.#shape !== undefined) at = this.#takeFrame(this.#shape, chunk, at)
    }
  }

  #takePrefix(chunk: Buffer, at: number): number {
    if (this.#seen === 0 && chunk.length - at >= PREFIX_BYTES) {
      this.#shape = readPrefix(chunk, at, this.#maxBytes)
      this.#seen = PREFIX_BYTES
      return at + PREFIX_BYTES
    }
    const taken = chunk.copy(this.#prefix, this.#seen, at)
    this.#seen += taken
    if (this.#seen === PREFIX_BYTES) this.#shape = readPrefix(this.#prefix, 0, this.#maxBytes)
    return at + taken
  }

  #takeFrame(shape: FrameShape, chunk: Buffer, start: number): number {
    let at = start
    if (this.#decoded === undefined) at = this.#takeHeader(shape, chunk, at)
    const decoded = this.#decoded
    if (decoded === undefined) return at
    if (this.#body !== undefined) {
      const taken = chunk.copy(this.#body, this.#seen - PREFIX_BYTES - shape.headerBytes, at)
      this.#seen += taken
      at += taken
    }
    if (this.#seen === PREFIX_BYTES + shape.headerBytes + shape.bodyBytes) this.#finish(decoded)
    return at
  }

  #takeHeader(shape: FrameShape, chunk: Buffer, at: number): number {
    if (this.#header === undefined && chunk.length - at >= shape.headerBytes) {
      const end = at + shape.headerBytes
      this.#seen += shape.headerBytes
      this.#decodeHeader(shape, chunk.subarray(at, end))
      return end
    }
    this.#header ??= Buffer.allocUnsafeSlow(shape.headerBytes)
    const taken = chunk.copy(this.#header, this.#seen - PREFIX_BYTES, at)
    this.#seen += taken
    if (this.#seen - PREFIX_BYTES === shape.headerBytes) this.#decodeHeader(shape, this.#header)
    return at + taken
  }

  #decodeHeader(shape: FrameShape, header: Buffer): void {
    if (shape.bodyBytes > 0) this.#body = Buffer.allocUnsafeSlow(shape.bodyBytes)
    this.#decoded = decodeCommand(shape.serialization, header, this.#body ?? Buffer.alloc(0))
    this.#header = undefined
  }

  #finish(command: RemotingCommand): void {
    this.#seen = 0
    this.#shape = undefined
    this.#decoded = undefined
    this.#body = undefined
    this.#onCommand(command)
  }
}
