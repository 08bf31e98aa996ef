import { afterInput, type Clock, type Timer } from '../../core/support/index.ts'
import { type ByteSink, OutputClosedError } from '../stdout-writer.ts'

/** Who is told what became of printed messages: the context of a listener's call. */
export interface Printed {
  acknowledge(status: 'CONSUME_SUCCESS' | 'LEAVE_UNFINISHED'): void
  /**
   * Asked when the line is about to be written, which may be long after it was printed. Nothing is written until it is
   * certain; a line that may not be is left out. Never rejects. @default true
   */
  mayPrint?(): boolean | Promise<boolean>
}

/** How a printer writes. */
export interface MessagePrinterOptions {
  readonly sink: ByteSink
  readonly clock: Clock
  readonly encoding: 'utf8' | 'latin1'
  /** From this many characters on a write is not made larger; 1: a line each. @default 65536 */
  readonly batchLength?: number
  /**
   * Whoever reads may leave with lines that were written for it, as `head` does: a line is acknowledged only after a
   * later write has shown that the reader is still there.
   */
  readonly readerMayLeave: boolean
}

interface Line {
  readonly text: string
  readonly printed: Printed | undefined
}

interface Write {
  readonly printed: readonly Printed[]
  /** When it was taken, by the monotonic clock, and how many bytes were with it. */
  readonly at: number
  readonly end: number
}

const BATCH_LENGTH = 64 * 1024
/** A reader that leaves after a line has left this long after it could read it. Also the longest a line is kept back. */
const LEAVE_MS = 40
/** What a pipe and a reader's buffer hold: a line with so much behind it has been read, and more was asked for. */
const READ_BYTES = 128 * 1024

/**
 * Prints messages, and acknowledges each only after its line is out: whatever becomes of the reader or of the disk, no
 * message counts as consumed that was not printed. Lines of one turn of the event loop, and those that come while
 * a write is on its way, go out together.
 */
export class MessagePrinter {
  readonly #options: MessagePrinterOptions
  readonly #broken = new AbortController()
  readonly #waiting = new Set<() => void>()
  #lines: Line[] = []
  #length = 0
  #unproven: Write[] = []
  #accepted = 0
  #lastAt = Number.NEGATIVE_INFINITY
  #writing = false
  #scheduled = false
  /** It is being asked whether lines may be written. */
  #asking = false
  #timer: Timer | undefined

  constructor(options: MessagePrinterOptions) {
    this.#options = options
  }

  /** Aborted, with an OutputClosedError as the reason, as soon as a write has failed. Nothing is printed after it. */
  get broken(): AbortSignal {
    return this.#broken.signal
  }

  /** Adds text, line feeds included; `printed` is told what became of it, never before this call has returned. */
  print(text: string, printed?: Printed): void {
    this.#lines.push({ text, printed })
    this.#length += text.length
    if (this.#scheduled) return
    this.#scheduled = true
    afterInput(() => {
      this.#scheduled = false
      this.#flush()
    })
  }

  /** Whether a write is on its way that nobody takes yet. */
  get isWriting(): boolean {
    return this.#writing
  }

  /** Whether so much waits to be written that {@link room} should be awaited before more is printed. */
  get full(): boolean {
    return this.#length >= BATCH_LENGTH && !this.#broken.signal.aborted
  }

  /** Resolves when not too much waits to be written, or nothing will be written any more. */
  async room(): Promise<void> {
    while (this.full) await this.#change()
  }

  /** Resolves when everything printed so far is acknowledged, one way or the other. */
  async drained(): Promise<void> {
    while (this.#lines.length > 0 || this.#writing || this.#unproven.length > 0) await this.#change()
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.add(resolve)
    })
  }

  #changed(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const wake of waiting) wake()
  }

  #flush(): void {
    if (this.#broken.signal.aborted) this.#leaveAll()
    if (this.#writing || this.#asking || this.#lines.length === 0) return
    const { clock, readerMayLeave } = this.#options
    const isProof = clock.monotonic() - this.#lastAt >= LEAVE_MS
    // The last line is kept back, to show a little later whether the reader of those before it is still there.
    const count = !readerMayLeave || isProof ? this.#batch() : Math.min(this.#batch(), this.#lines.length - 1)
    if (count > 0) this.#writeIfMay(readerMayLeave && count > 1 && count === this.#lines.length ? count - 1 : count)
    else this.#arm()
  }

  #writeIfMay(count: number): void {
    const asked: { readonly line: Line; readonly may: Promise<boolean> }[] = []
    for (let i = 0; i < count; i++) {
      const line = this.#lines[i]
      const may = line?.printed?.mayPrint?.() ?? true
      if (line !== undefined && may !== true) asked.push({ line, may: Promise.resolve(may) })
    }
    if (asked.length === 0) {
      this.#write(count)
      return
    }
    this.#asking = true
    void Promise.all(asked.map(({ may }) => may)).then((sure) => {
      this.#asking = false
      this.#leaveOut(new Set(asked.filter((_, index) => sure[index] !== true).map(({ line }) => line)))
      this.#flush()
      // There may be nothing left that would prove what was written before.
      if (this.#unproven.length > 0 && !this.#writing) this.#arm()
    })
  }

  #leaveOut(these: ReadonlySet<Line>): void {
    this.#lines = this.#lines.filter((line) => !these.has(line))
    for (const { text } of these) this.#length -= text.length
    settle(whoPrinted([...these]), 'LEAVE_UNFINISHED')
    this.#changed()
  }

  /** How many lines make a write. */
  #batch(): number {
    const { batchLength = BATCH_LENGTH } = this.#options
    let length = 0
    let count = 0
    for (const line of this.#lines) {
      if (count > 0 && length + line.text.length > batchLength) break
      length += line.text.length
      count += 1
    }
    return count
  }

  #write(count: number): void {
    const lines = this.#lines.splice(0, count)
    const printed = whoPrinted(lines)
    const text = lines.map((line) => line.text).join('')
    this.#length -= text.length
    this.#writing = true
    const bytes = Buffer.from(text, this.#options.encoding)
    this.#options.sink(bytes, (error) => {
      this.#writing = false
      if (error) this.#fail(error, printed)
      else this.#taken(printed, bytes.length)
      this.#changed()
      this.#flush()
    })
  }

  #taken(printed: readonly Printed[], bytes: number): void {
    const now = this.#options.clock.monotonic()
    this.#accepted += bytes
    this.#lastAt = now
    if (!this.#options.readerMayLeave) {
      settle(printed, 'CONSUME_SUCCESS')
      return
    }
    let proven = 0
    for (const write of this.#unproven) {
      if (now - write.at < LEAVE_MS && this.#accepted - write.end < READ_BYTES) break
      settle(write.printed, 'CONSUME_SUCCESS')
      proven += 1
    }
    this.#unproven.splice(0, proven)
    this.#unproven.push({ printed, at: now, end: this.#accepted })
    this.#arm()
  }

  /** Sees to what is kept back, or not proven by anything that follows. */
  #arm(): void {
    if (this.#timer !== undefined) return
    const { clock } = this.#options
    this.#timer = clock.after(LEAVE_MS - (clock.monotonic() - this.#lastAt), () => {
      this.#timer = undefined
      if (clock.monotonic() - this.#lastAt < LEAVE_MS) this.#arm()
      else if (this.#lines.length > 0) this.#flush()
      else if (!this.#writing) this.#settleUnproven('CONSUME_SUCCESS')
    })
  }

  #settleUnproven(status: 'CONSUME_SUCCESS' | 'LEAVE_UNFINISHED'): void {
    const writes = this.#unproven
    this.#unproven = []
    for (const write of writes) settle(write.printed, status)
    this.#changed()
  }

  #fail(error: Error, printed: readonly Printed[]): void {
    if (!this.#broken.signal.aborted) this.#broken.abort(new OutputClosedError(error))
    this.#settleUnproven('LEAVE_UNFINISHED')
    settle(printed, 'LEAVE_UNFINISHED')
    this.#leaveAll()
  }

  #leaveAll(): void {
    const printed = whoPrinted(this.#lines)
    this.#lines = []
    this.#length = 0
    settle(printed, 'LEAVE_UNFINISHED')
    this.#changed()
  }
}

function whoPrinted(lines: readonly Line[]): Printed[] {
  return lines.flatMap(({ printed }) => (printed === undefined ? [] : [printed]))
}

function settle(printed: readonly Printed[], status: 'CONSUME_SUCCESS' | 'LEAVE_UNFINISHED'): void {
  for (const one of printed) one.acknowledge(status)
}
