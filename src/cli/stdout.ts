import { fstatSync, type Stats } from 'node:fs'
import { type ByteSink, fileSink, OutputClosedError, StdoutWriter, streamSink } from './stdout-writer.ts'

let writer: StdoutWriter | undefined

/** The one writer of this process's results. */
export function stdoutWriter(): StdoutWriter {
  writer ??= new StdoutWriter(openStdout().sink)
  return writer
}

/** Writes bytes as they are. Resolves when they are out; rejects with OutputClosedError when they may not be. */
export function writeBytes(bytes: Buffer): Promise<void> {
  const { sink } = openStdout()
  return new Promise((resolve, reject) => {
    sink(bytes, (error) => {
      if (error) reject(new OutputClosedError(error))
      else resolve()
    })
  })
}

/** Stdout, for whoever writes all of it. */
export interface OpenStdout {
  readonly sink: ByteSink
  /** Somebody reads at the other end, and may leave with what was written: a pipe or a socket. */
  readonly isPipe: boolean
}

/** Opens stdout for writing bytes. */
export function openStdout(): OpenStdout {
  const stats = statOf(1)
  const isPipe = stats?.isFIFO() === true || stats?.isSocket() === true
  const isStream = stats === undefined || isPipe || process.stdout.isTTY
  // What cannot be written is told by the sink; nobody else need say it too.
  process.stdout.on('error', () => undefined)
  return { sink: isStream ? streamSink(process.stdout) : fileSink(1), isPipe }
}

function statOf(fd: number): Stats | undefined {
  try {
    return fstatSync(fd)
  } catch {
    // No stdout at all (`>&-`): the stream tells it.
    return undefined
  }
}
