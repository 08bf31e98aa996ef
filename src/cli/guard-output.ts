import type { EventEmitter } from 'node:events'

/** What of the process is guarded. */
export interface GuardedProcess {
  readonly stdout: EventEmitter
  readonly stderr: EventEmitter & { write(text: string): unknown }
  exitCode?: number | string | null | undefined
}

/**
 * Keeps a stdout or stderr that breaks from ending the process in the middle of its work. A reader that has gone
 * (`| head`) is no failure; any other error is told once on stderr and makes the exit code 1. A command whose results
 * must not be lost listens for itself, and is then left to it.
 */
export function guardOutput(process: GuardedProcess): void {
  const { stdout, stderr } = process
  let told = false
  // oclif's own listener lets a full disk surface as an uncaught exception.
  stdout.removeAllListeners('error')
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || stdout.listenerCount('error') > 1) return
    process.exitCode = 1
    if (!told) stderr.write(`cannot write to stdout: ${error.message}\n`)
    told = true
  })
  stderr.on('error', () => {
    // There is nowhere left to say it.
  })
}
