import type { CommandContext } from '../command-context.ts'
import type { WriteFlagValues } from '../confirm.ts'
import type { Connection } from '../connect.ts'
import { readFlag } from '../flag-types.ts'
import { parsePositions } from '../position/position.ts'
import { carryOut } from './carry-out.ts'
import { prepare } from './reset-offsets.ts'

/** Where a group is to begin. */
export interface InitRequest {
  readonly group: string
  readonly topic: string
  readonly to: string
  readonly timeZone: string | undefined
}

interface Parts {
  readonly context: CommandContext
  readonly connection: Connection
  readonly flags: WriteFlagValues & { readonly json: boolean; readonly verify: number }
}

/**
 * Commits a first offset in every queue that has none, and in no other; makes the group where it is not known. Resolves to
 * the exit code; see `carryOut`.
 */
export async function initOffsets(request: InitRequest, parts: Parts): Promise<number> {
  const { group, topic, to, timeZone } = request
  const now = parts.context.clock.now()
  const positions = readFlag('to', to, (text) => parsePositions(text, { now, timeZone }))
  const prepared = await prepare({ group, topic, positions, onlyUncommitted: true, mayCreateGroup: true }, parts)
  return carryOut([prepared], { ...parts, reason: `before offsets init -g ${group} ${topic}`, single: true })
}
