import { writeSync } from 'node:fs'

/** Writes a line to stdout before it returns, also when whoever reads is behind: the pipe may be one that does not wait. */
export function tell(line: string): void {
  const bytes = Buffer.from(`${line}\n`)
  let written = 0
  while (written < bytes.length) {
    try {
      written += writeSync(1, bytes, written)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error
    }
  }
}
