import { closeSync, openSync, writeSync } from 'node:fs'
import { ExitCode } from '../error-report.ts'
import type { MessageParts } from '../messages/look-up.ts'
import { jsonLine } from '../output/json.ts'
import { showProgress } from '../progress.ts'
import { stdoutWriter } from '../stdout.ts'
import { letterJson } from './letter.ts'
import { type LettersRequest, readLetters } from './letters.ts'

/** Which dead letters to write down, and where. */
export interface ExportLettersRequest extends LettersRequest {
  /** A file, or `-` for stdout. */
  readonly file: string
}

/**
 * Writes dead letters down, a JSON object a line, as `produce --input jsonl` reads them. Nothing is removed from the
 * cluster. Resolves to the exit code: 6 when somebody did not answer.
 */
export async function exportLetters(request: ExportLettersRequest, parts: MessageParts): Promise<number> {
  const { context, connection } = parts
  const sink = openSink(request.file)
  let count = 0
  const stop = showProgress(context, () => `${count} dead letters`)
  try {
    const { errors } = await readLetters(request, parts, async (letters) => {
      await sink.write(letters.map((letter) => `${jsonLine(letterJson(letter, connection))}\n`).join(''))
      count += letters.length
      return true
    })
    await sink.write('')
    stop()
    context.say(`${count} dead letters of ${request.group}${request.file === '-' ? '' : ` in ${request.file}`}`)
    for (const { source, message } of errors) context.say(`not complete: ${source}: ${message}`)
    return errors.length > 0 ? ExitCode.PARTIAL : ExitCode.DONE
  } finally {
    stop()
    sink.close()
  }
}

interface Sink {
  write(text: string): Promise<void>
  close(): void
}

/** A file is made when there is something to write, or it is known that there is nothing. */
function openSink(file: string): Sink {
  if (file === '-') {
    return { write: (text) => (text === '' ? Promise.resolve() : stdoutWriter().write(text)), close: () => undefined }
  }
  let fd: number | undefined
  return {
    write: (text) => {
      fd ??= openSync(file, 'w')
      writeSync(fd, text)
      return Promise.resolve()
    },
    close: () => {
      if (fd !== undefined) closeSync(fd)
    },
  }
}
