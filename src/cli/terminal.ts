/** What of a standard stream decides how a command talks. */
export interface StandardStream {
  readonly isTTY?: boolean
  readonly columns?: number
}

/** What a command may do with its streams. */
export interface Terminal {
  /** Results go to a person. */
  readonly stdout: boolean
  /** Talk goes to a person: progress may be shown. */
  readonly stderr: boolean
  /** A person can be asked. */
  readonly stdin: boolean
  /** Results may be coloured. */
  readonly color: boolean
  /** Width of the results' terminal. */
  readonly columns: number
}

/** Where {@link readTerminal} looks. */
export interface TerminalSource {
  readonly stdin: StandardStream
  readonly stdout: StandardStream
  readonly stderr: StandardStream
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Looks at the streams and the environment: NO_COLOR (not empty), TERM=dumb and a pipe mean no colour. */
export function readTerminal(source: TerminalSource, options: { readonly noColor: boolean }): Terminal {
  const { stdout, stderr, env } = source
  const plain = options.noColor || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb'
  return {
    stdout: stdout.isTTY === true,
    stderr: stderr.isTTY === true,
    // Asked for by few, and opening it takes 2 ms.
    get stdin() {
      return source.stdin.isTTY === true
    },
    color: stdout.isTTY === true && !plain,
    columns: stdout.columns ?? 80,
  }
}
