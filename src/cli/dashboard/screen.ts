import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { StorageError, UsageError } from '../../core/errors.ts'
import type { EventSource, FindingsSource, PlanReset, Snapshot } from '../../core/telemetry/index.ts'
import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import type { ConnectionFlagValues } from '../connection-settings.ts'
import { connectionWords } from './connection-words.ts'
import { onScreen } from './on-screen.ts'
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
  /** Examines the groups beside it. */
  readonly findings?: FindingsSource | undefined
  /** Says what a reset would do. */
  readonly planReset?: PlanReset | undefined
  /** What happens in the engine that is shown. */
  readonly events?: EventSource | undefined
}) => Promise<void>

/** What is drawn. */
export interface Pictures {
  readonly snapshots: AsyncIterable<Snapshot>
  /** Without it the engine is another process's, and not heard. */
  readonly events?: EventSource | undefined
}

/** What a screen may ask a cluster for, beside pictures. */
export interface ScreenHelp {
  /** Groups that the doctor examines, as they are called on the wire; none: it does not. */
  readonly examined: readonly string[]
  readonly connection: Connection
}

/** Whether something can be drawn, and keys be read; a reader of screens wants sentences. */
export function isScreenPossible({ terminal, env }: Pick<CommandContext, 'terminal' | 'env'>): boolean {
  return terminal.stdout && terminal.stdin && env['TERM'] !== 'dumb' && env['INK_SCREEN_READER'] !== 'true'
}

/** Throws UsageError where nothing can be drawn. */
export function requireScreen(context: Pick<CommandContext, 'terminal' | 'env'>): void {
  if (isScreenPossible(context)) return
  throw new UsageError('--dashboard draws on a terminal, and here is none', {
    suggestions: [
      '--feed lets mq dashboard --attach look in from another terminal',
      'mq dashboard -g GROUP --plain tells in sentences',
    ],
  })
}

/** Draws pictures on the terminal of this process until somebody quits or the command is to end. */
export async function showScreen(
  pictures: Pictures,
  parts: {
    readonly context: CommandContext
    readonly flags: ConnectionFlagValues
    readonly show: ShowScreen
    readonly ascii: boolean
    /** Without it there is no cluster, but a recording or a feed. */
    readonly help?: ScreenHelp | undefined
  },
): Promise<void> {
  const { context, flags, show, ascii, help } = parts
  const words = connectionWords(flags)
  const asks = help === undefined ? {} : await askers(help, context, words)
  await onScreen(context, ascii, (screen) =>
    show({
      ...pictures,
      ...screen,
      ...asks,
      clock: context.clock,
      connectionWords: words,
      save: (text) => Promise.resolve(saveScreen(text, context)),
    }),
  )
}

/** Loaded only here: who wants frames or sentences needs none of it. */
async function askers({ examined, connection }: ScreenHelp, context: CommandContext, words: string) {
  const [{ groupDoctor }, { resetPlanner }] = await Promise.all([
    import('./group-doctor.ts'),
    import('./plan-reset.ts'),
  ])
  const parts = { context, connection }
  return {
    findings: examined.length === 0 ? undefined : groupDoctor(examined, parts),
    planReset: resetPlanner(parts, words),
  }
}

function saveScreen(text: string, { clock }: CommandContext): string {
  const stamp = new Date(clock.now()).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const file = path.resolve(`mq-dashboard-${stamp}.txt`)
  try {
    writeFileSync(file, text)
  } catch (cause) {
    throw new StorageError(`cannot write ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
  return file
}
