import { writeFileSync } from 'node:fs'
import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import { jsonDocument } from '../output/json.ts'
import { stdoutWriter } from '../stdout.ts'
import { type SnapshotRequest, takeSnapshot } from './take-snapshot.ts'

/** Writes a snapshot to a file, or to stdout. */
export async function exportOffsets(
  request: SnapshotRequest & { readonly out: string | undefined },
  parts: { readonly context: CommandContext; readonly connection: Connection },
): Promise<void> {
  const snapshot = await takeSnapshot(request, parts)
  const text = `${jsonDocument(snapshot)}\n`
  if (request.out === undefined) await stdoutWriter().write(text)
  else writeFileSync(request.out, text)
  const queues = snapshot.groups.reduce((sum, group) => sum + group.queues.length, 0)
  parts.context.say(`${queues} queues of ${snapshot.groups.length} groups`)
}
