import type { Snapshot } from '../../core/telemetry/index.ts'
import type { TerminalPort } from './terminal-port.ts'

/** What draws snapshots until somebody has seen enough. Commands load it by `import()`, since it is heavy. */
export type ShowScreen = (options: {
  readonly snapshots: AsyncIterable<Snapshot>
  readonly terminal: TerminalPort
  readonly clock: {
    now(): number
    after(delayMs: number, fn: () => void): { cancel(): void }
  }
  /** Ends it, leaving the terminal as it was. */
  readonly signal: AbortSignal
  readonly color: boolean
  readonly ascii: boolean
  /** Flags that any command needs to speak to the same cluster, with a space before each. */
  readonly connectionWords: string
  /** Saves the text of the screen; resolves to where. */
  readonly save: (text: string) => Promise<string>
}) => Promise<void>
