import { UsageError } from '../../core/errors.ts'
import type { Snapshot } from '../../core/telemetry/index.ts'
import { anySignal } from '../any-signal.ts'
import type { CommandContext } from '../command-context.ts'
import { connect } from '../connect.ts'
import type { ConnectionFlagValues } from '../connection-settings.ts'
import { ExitCode } from '../error-report.ts'
import { printableLines } from '../output/printable.ts'
import { stdoutWriter } from '../stdout.ts'
import { ANY_FEED, feedPictures } from './feed-snapshots.ts'
import { pickFeed, type ShowPicker } from './pick-feed.ts'
import { PlainSentences } from './plain.ts'
import { readRecording, recorded, replayed } from './recording.ts'
import { relaySnapshots } from './relay-snapshots.ts'
import { isScreenPossible, type Pictures, type ScreenHelp, type ShowScreen, showScreen } from './screen.ts'
import { type SnapshotFormat, writeFrame } from './snapshot-output.ts'

/** What a dashboard is asked for. */
export interface DashboardRequest {
  /** As the user calls them; none: all that are online. */
  readonly groups: readonly string[]
  /** So many snapshots, and then the end; `undefined`: until it is stopped. */
  readonly frames: number | undefined
  readonly plain: boolean
  readonly record: string | undefined
  readonly replay: string | undefined
  /** The feed of a process or a client id; `any`: the only one there is. */
  readonly attach: string | undefined
  readonly intervalMs: number
  readonly ascii: boolean
  /** As asked for; `undefined`: what suits where it goes. */
  readonly format: SnapshotFormat | undefined
}

interface Parts {
  readonly context: CommandContext
  readonly flags: ConnectionFlagValues
  /** Draws on a terminal. */
  readonly show: ShowScreen
  /** Lets somebody choose on a terminal. */
  readonly pick: ShowPicker
}

/** Shows groups live: drawn on a terminal, else as frames or sentences. Resolves to the exit code. */
export async function dashboard(request: DashboardRequest, parts: Parts): Promise<number> {
  if ((request.replay ?? request.attach) !== undefined && request.groups.length > 0) {
    throw new UsageError('a recording and a feed have their own groups: leave out -g')
  }
  const recording = request.replay === undefined ? undefined : readRecording(request.replay)
  // Whoever quits does not wait for the next look.
  const done = new AbortController()
  const signal = anySignal(parts.context.signal, done.signal)
  const context = { ...parts.context, signal }
  const isLooked = recording === undefined && request.attach === undefined
  const connection = isLooked ? await connect(parts.context, parts.flags) : undefined
  try {
    const relayed = connection && (await relaySnapshots(request, { connection, context }))
    const isDrawn = howToShow(request, context) === 'screen'
    const picked =
      isDrawn && request.attach === ANY_FEED ? await pickFeed(context, { ...request, ...parts }) : undefined
    if (picked?.kind === 'none') return ExitCode.DONE
    const pictures =
      relayed ??
      (recording === undefined
        ? await feedPictures(picked?.pid ?? request.attach, { context, withEvents: isDrawn })
        : { snapshots: replayed(recording, isDrawn ? context : undefined) })
    const help = connection && { connection, examined: relayed?.groups ?? [] }
    return await present(request, pictures, { ...parts, context, help })
  } finally {
    done.abort()
    await connection?.close()
  }
}

/** Shows snapshots, whoever makes them. Resolves to the exit code. */
async function present(
  request: Omit<DashboardRequest, 'groups' | 'replay' | 'attach' | 'intervalMs'>,
  { snapshots: source, events }: Pictures,
  parts: Parts & { readonly help: ScreenHelp | undefined },
): Promise<number> {
  const snapshots = request.record === undefined ? source : recorded(source, request.record)
  switch (howToShow(request, parts.context)) {
    case 'frames':
      return writeFrames(request, snapshots, parts.context)
    case 'plain':
      if (!request.plain) parts.context.say('this is no terminal to draw on: one sentence for each change (--plain)')
      return writeSentences(snapshots)
    case 'screen':
      await showScreen({ snapshots, events }, { ...parts, ascii: request.ascii })
      return ExitCode.DONE
  }
}

function howToShow(
  { frames, format, plain }: Pick<DashboardRequest, 'frames' | 'format' | 'plain'>,
  context: CommandContext,
): 'frames' | 'plain' | 'screen' {
  if (frames !== undefined || format !== undefined) return 'frames'
  return plain || !isScreenPossible(context) ? 'plain' : 'screen'
}

async function writeFrames(
  request: Pick<DashboardRequest, 'frames' | 'format'>,
  snapshots: AsyncIterable<Snapshot>,
  context: CommandContext,
): Promise<number> {
  const { frames = Number.POSITIVE_INFINITY } = request
  let written = 0
  let partial = false
  for await (const snapshot of snapshots) {
    await writeFrame(snapshot, { format: request.format, single: frames === 1, context })
    partial = snapshot.partial
    if (++written >= frames) break
  }
  return partial ? ExitCode.PARTIAL : ExitCode.DONE
}

async function writeSentences(snapshots: AsyncIterable<Snapshot>): Promise<number> {
  const sentences = new PlainSentences()
  for await (const snapshot of snapshots) {
    const time = new Date(snapshot.asOf).toISOString()
    const lines = sentences.take(snapshot).map((line) => `${time} ${printableLines(line).replaceAll('\n', ' ')}\n`)
    if (lines.length > 0) await stdoutWriter().write(lines.join(''))
  }
  return ExitCode.DONE
}
