import { writeSync } from 'node:fs'

/** What of a terminal a screen works with. */
export interface TerminalPort {
  readonly size: { readonly columns: number; readonly rows: number }
  write(text: string): void
  /** Writes at once, also when the process is about to end. */
  writeNow(text: string): void
  /** Keys come one by one and unechoed from now on. Returns how to end that. */
  readKeys(onText: (text: string) => void): () => void
  /** Ctrl-C as the terminal would have told it: to everybody in the foreground. */
  interrupt(): void
  /** Ctrl-Z, likewise. */
  suspend(): void
  /** Called on `resize`; before the process stops (`suspend`), after it goes on (`resume`), and at its very end (`exit`). */
  on(event: TerminalEvent, listener: () => void): () => void
}

/** What happens to a terminal. */
export type TerminalEvent = 'resize' | 'suspend' | 'resume' | 'exit'

/** The terminal of this process. */
export function processTerminal(): TerminalPort {
  const { stdin, stdout } = process
  return {
    get size() {
      return { columns: stdout.columns, rows: stdout.rows }
    },
    write: (text) => {
      stdout.write(text)
    },
    writeNow: (text) => {
      try {
        writeSync(1, text)
      } catch {
        // A terminal that is gone needs no leaving.
      }
    },
    readKeys: (onText) => readKeys(stdin, onText),
    interrupt: () => {
      process.kill(0, 'SIGINT')
    },
    suspend: () => {
      process.kill(0, 'SIGTSTP')
    },
    on: listenTo,
  }
}

function readKeys(stdin: NodeJS.ReadStream, onText: (text: string) => void): () => void {
  const listener = (text: string): void => {
    onText(text)
  }
  stdin.setRawMode(true)
  stdin.setEncoding('utf8')
  stdin.on('data', listener)
  stdin.resume()
  return () => {
    stdin.removeListener('data', listener)
    stdin.pause()
    try {
      stdin.setRawMode(false)
    } catch {
      // A terminal that is gone has no mode.
    }
  }
}

function listenTo(event: TerminalEvent, listener: () => void): () => void {
  switch (event) {
    case 'resize':
      process.stdout.on('resize', listener)
      return () => process.stdout.removeListener('resize', listener)
    case 'suspend': {
      // Whoever listens has to stop by itself.
      const stop = (): void => {
        listener()
        process.kill(process.pid, 'SIGSTOP')
      }
      process.on('SIGTSTP', stop)
      return () => process.removeListener('SIGTSTP', stop)
    }
    case 'resume':
      process.on('SIGCONT', listener)
      return () => process.removeListener('SIGCONT', listener)
    case 'exit':
      process.on('exit', listener)
      // Node tells of an error nobody caught before it exits, and where that can still be read.
      process.on('uncaughtExceptionMonitor', listener)
      return () => {
        process.removeListener('exit', listener)
        process.removeListener('uncaughtExceptionMonitor', listener)
      }
  }
}
