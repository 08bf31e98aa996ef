import { UsageError } from '../../core/errors.ts'
import { formatSize } from '../size.ts'

const LINE_FEED = 0x0a

/** Longer than any message a broker takes. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024

/** A line of input without its line feed, or why it cannot be used. */
export interface InputLine {
  /** From 1. */
  readonly line: number
  readonly bytes: Buffer
  readonly error?: UsageError
}

/**
 * Splits chunks into lines; the last one needs no line feed. Lines are views of their chunk. One longer than {@link
 * MAX_LINE_BYTES} is told as an error and skipped without being held.
 */
export class LineSplitter {
  readonly #maxBytes: number
  #parts: Buffer[] = []
  #length = 0
  #line = 0

  constructor(maxBytes: number = MAX_LINE_BYTES) {
    this.#maxBytes = maxBytes
  }

  /** The lines that end in this chunk. */
  push(chunk: Buffer): InputLine[] {
    const lines: InputLine[] = []
    let start = 0
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      this.#add(chunk.subarray(start, end))
      lines.push(this.#take())
      start = end + 1
    }
    if (start < chunk.length) this.#add(chunk.subarray(start))
    return lines
  }

  /** What came after the last line feed, if anything. */
  end(): InputLine[] {
    return this.#length === 0 ? [] : [this.#take()]
  }

  #add(part: Buffer): void {
    this.#length += part.length
    if (this.#length <= this.#maxBytes) this.#parts.push(part)
    else this.#parts = []
  }

  #take(): InputLine {
    const line = ++this.#line
    const length = this.#length
    const [only, ...more] = this.#parts
    const bytes = more.length === 0 ? (only ?? Buffer.alloc(0)) : Buffer.concat(this.#parts)
    this.#parts = []
    this.#length = 0
    if (length <= this.#maxBytes) return { line, bytes }
    const error = new UsageError(
      `it has ${formatSize(length)}; no message may be longer than ${formatSize(this.#maxBytes)}`,
    )
    return { line, bytes: Buffer.alloc(0), error }
  }
}
