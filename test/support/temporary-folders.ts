import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** Gives a run of the tests one place for its temporary folders, which goes with it, whatever its workers leave. */
export default function setup(): () => void {
  const before = process.env['TMPDIR']
  const folder = mkdtempSync(path.join(tmpdir(), 'mq-run-'))
  // os.tmpdir() looks here, in the workers too.
  process.env['TMPDIR'] = folder
  return () => {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
    rmSync(folder, { recursive: true, force: true })
  }
}
