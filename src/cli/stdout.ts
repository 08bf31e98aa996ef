import { fstatSync } from 'node:fs'
import { fileSink, StdoutWriter, streamSink } from './stdout-writer.ts'

let writer: StdoutWriter | undefined

/** The one writer of this process's results. */
export function stdoutWriter(): StdoutWriter {
  writer ??= new StdoutWriter(isFile(1) ? fileSink(1) : streamSink(process.stdout))
  return writer
}

function isFile(fd: number): boolean {
  try {
    return fstatSync(fd).isFile()
  } catch {
    // No stdout at all (`>&-`): the stream tells it.
    return false
  }
}
