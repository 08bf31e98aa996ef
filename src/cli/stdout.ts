import { fstatSync, type Stats } from 'node:fs'
import { type ByteSink, fileSink, StdoutWriter, streamSink } from './stdout-writer.ts'

let writer: StdoutWriter | undefined

/** The one writer of this process's results. */
export function stdoutWriter(): StdoutWriter {
  writer ??= new StdoutWriter(openStdout().sink)
  return writer
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
  return {
    sink: stats?.isFile() === true ? fileSink(1) : streamSink(process.stdout),
    isPipe: stats?.isFIFO() === true || stats?.isSocket() === true,
  }
}

function statOf(fd: number): Stats | undefined {
  try {
    return fstatSync(fd)
  } catch {
    // No stdout at all (`>&-`): the stream tells it.
    return undefined
  }
}
