import type { CommandContext } from './command-context.ts'
import { type Connection, withConnection } from './connect.ts'
import type { ConnectionFlagValues } from './connection-settings.ts'
import { stdoutWriter } from './stdout.ts'

/** Top left, and nothing below. */
const CLEAR_SCREEN = '\u001b[H\u001b[2J'

/**
 * Does the work once, or with a period again and again until the command is interrupted, each time on an empty screen.
 * Resolves to what the last time has come to.
 */
async function watching(
  periodMs: number | undefined,
  work: () => Promise<number>,
  context: Pick<CommandContext, 'clock' | 'terminal' | 'signal'>,
): Promise<number> {
  if (periodMs === undefined) return work()
  for (;;) {
    if (context.terminal.stdout) await stdoutWriter().write(CLEAR_SCREEN)
    await work()
    await context.clock.sleep(periodMs, { signal: context.signal })
  }
}

/** As {@link watching}, with a connection that is closed at the end. */
export function watchingCluster(
  context: CommandContext,
  flags: ConnectionFlagValues & { readonly watch: number | undefined },
  work: (parts: { readonly context: CommandContext; readonly connection: Connection }) => Promise<number>,
): Promise<number> {
  return withConnection(context, flags, (connection) =>
    watching(flags.watch, () => work({ context, connection }), context),
  )
}
