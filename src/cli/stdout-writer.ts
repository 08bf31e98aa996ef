import { write as writeFile } from 'node:fs'
import { RocketMQError } from '../core/errors.ts'
import { afterInput } from '../core/support/index.ts'

/** From this size on a batch is written without waiting for more. */
const BATCH_BYTES = 64 * 1024

/** Takes bytes and calls back when all of them are out of this process, or with the error that kept them in. */
export type ByteSink = (bytes: Buffer, done: (error?: Error | null) => void) => void

/** The reader of the results is gone, or they cannot be written: nothing more is worth doing. */
export class OutputClosedError extends RocketMQError {
  /** Whether the reader has closed the pipe, as `head` does: not a failure. */
  readonly readerGone: boolean

  constructor(cause: Error) {
    super('STORAGE', `cannot write to stdout: ${cause.message}`, { cause })
    this.readerGone = 'code' in cause && cause.code === 'EPIPE'
  }
}

/**
 * Results on their way out, in batches: what is written within one turn of the event loop, or while an earlier batch is
 * still on its way, goes out together. `write` says when its line is really out; whoever awaits that has back-pressure,
 * and loses nothing to a reader that closes or a disk that is full.
 */
export class StdoutWriter {
  readonly #sink: ByteSink
  readonly #broken = new AbortController()
  #text: string[] = []
  #length = 0
  #batch: PromiseWithResolvers | undefined
  #scheduled = false
  #writing: Promise<void> | undefined

  constructor(sink: ByteSink) {
    this.#sink = sink
  }

  /** Aborted, with an OutputClosedError as the reason, as soon as a write has failed. */
  get broken(): AbortSignal {
    return this.#broken.signal
  }

  /**
   * Adds text, line feeds included. Resolves when it is out (the same promise for everything in its batch); rejects
   * with OutputClosedError when it may not be. Not to be called with an unbounded number unanswered.
   */
  write(text: string): Promise<void> {
    if (this.#broken.signal.aborted) return Promise.reject(this.#failure())
    this.#batch ??= withResolvers()
    const { promise } = this.#batch
    this.#text.push(text)
    this.#length += text.length
    if (this.#length >= BATCH_BYTES) this.#flush()
    else if (!this.#scheduled) {
      this.#scheduled = true
      afterInput(() => {
        this.#scheduled = false
        this.#flush()
      })
    }
    return promise
  }

  /** Whether so much waits that a caller who does not await each line should await {@link drained} first. */
  get full(): boolean {
    return this.#length >= BATCH_BYTES
  }

  /** Resolves when everything written so far is out; rejects with OutputClosedError. */
  async drained(): Promise<void> {
    const { promise } = this.#batch ?? {}
    if (promise) {
      this.#flush()
      await promise
    }
    await this.#writing
    if (this.#broken.signal.aborted) throw this.#failure()
  }

  #flush(): void {
    const batch = this.#batch
    if (this.#writing !== undefined || batch === undefined) return
    const bytes = Buffer.from(this.#text.join(''))
    this.#batch = undefined
    this.#text = []
    this.#length = 0
    this.#writing = batch.promise.then(
      () => undefined,
      () => undefined,
    )
    this.#sink(bytes, (error) => {
      this.#writing = undefined
      if (error) this.#break(error, batch)
      else batch.resolve()
      this.#flush()
    })
  }

  #break(error: Error, batch: PromiseWithResolvers): void {
    if (!this.#broken.signal.aborted) this.#broken.abort(new OutputClosedError(error))
    batch.reject(this.#failure())
    this.#batch?.reject(this.#failure())
    this.#batch = undefined
    this.#text = []
    this.#length = 0
  }

  #failure(): Error {
    const reason: unknown = this.#broken.signal.reason
    return reason instanceof Error ? reason : new Error(String(reason))
  }
}

interface PromiseWithResolvers {
  readonly promise: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** As of ES2024; a rejection nobody awaits is no failure of the process, since `broken` tells it too. */
function withResolvers(): PromiseWithResolvers {
  let resolve: PromiseWithResolvers['resolve'] = () => undefined
  let reject: PromiseWithResolvers['reject'] = () => undefined
  const promise = new Promise<void>((resolvePromise, rejectPromise) => {
    resolve = resolvePromise
    reject = rejectPromise
  })
  promise.catch(() => undefined)
  return { promise, resolve, reject }
}

/** A stream as a sink: a pipe or a terminal. */
export function streamSink(stream: NodeJS.WritableStream): ByteSink {
  // The callback of a write tells of the error too; without a listener it would end the process.
  stream.on('error', () => undefined)
  return (bytes, done) => {
    stream.write(bytes, done)
  }
}

/** A file as a sink. Node's own stdout takes a write that a full disk cut short for a whole one. */
export function fileSink(fd: number): ByteSink {
  return (bytes, done) => {
    const rest = (from: number): void => {
      writeFile(fd, bytes, from, bytes.length - from, null, (error, written) => {
        if (error) done(error)
        else if (from + written < bytes.length) rest(from + written)
        else done()
      })
    }
    rest(0)
  }
}
