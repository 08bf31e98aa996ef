import { spawnSync } from 'node:child_process'
import { UsageError } from '../../core/errors.ts'

/** A password manager may ask for a passphrase first. */
const TIMEOUT_MS = 60_000

/**
 * The secret key a context's command prints: its first line. The command may ask on the terminal. Throws UsageError that
 * names the context and nothing of what the command is or has printed.
 */
export function secretByCommand(context: string, command: string): string {
  const done = spawnSync(command, {
    shell: true,
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    stdio: ['inherit', 'pipe', 'inherit'],
  })
  const [secret = ''] = done.error === undefined && done.status === 0 ? done.stdout.split(/\r?\n/) : []
  if (secret !== '') return secret
  const why = done.status === 0 ? 'printed nothing' : `failed (${done.signal ?? done.status ?? 'it cannot be started'})`
  throw new UsageError(`the secret-command of context ${context} ${why}`)
}
