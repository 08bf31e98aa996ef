import type { CommandContext } from '../command-context.ts'
import type { WriteFlagValues } from '../confirm.ts'
import type { Connection } from '../connect.ts'
import { importOffsets } from './import-offsets.ts'
import { readUndo } from './undo-store.ts'

interface Parts {
  readonly context: CommandContext
  readonly connection: Connection
  readonly flags: WriteFlagValues & { readonly json: boolean; readonly verify: number }
}

/**
 * Puts groups back to where they were before a change, the last one if none is named, after a review; that is kept to be
 * undone, too. Resolves to the exit code; see `carryOut`.
 */
export async function undoOffsets(id: string | undefined, parts: Parts): Promise<number> {
  const { context, connection } = parts
  const undo = readUndo(id, context.env)
  const { nameServers, reason, takenAt } = undo.snapshot
  context.say(`undo ${undo.id}: ${takenAt}, ${reason}`)
  if (!nameServers.some((address) => connection.nameServers.includes(address))) {
    context.say(
      `it was taken at ${nameServers.join(';') || 'no name server'}, and this is ${connection.nameServers.join(';')}`,
    )
  }
  const request = {
    snapshot: undo.snapshot,
    group: undefined,
    topic: undefined,
    by: 'offset',
    brokerMap: new Map<string, string>(),
    mayCreateGroup: false,
    reason: `before offsets undo ${undo.id}`,
  } as const
  return importOffsets(request, parts)
}
