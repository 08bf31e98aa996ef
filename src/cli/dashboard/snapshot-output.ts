import type { Snapshot } from '../../core/telemetry/index.ts'
import type { CommandContext } from '../command-context.ts'
import { jsonDocument, jsonLine } from '../output/json.ts'
import { stdoutWriter } from '../stdout.ts'
import { groupSentence, snapshotTable } from './snapshot-table.ts'

/** What `-o` of a dashboard takes. */
export const snapshotFormats = ['table', 'json', 'jsonl'] as const

/** How a snapshot is written. */
export type SnapshotFormat = (typeof snapshotFormats)[number]

/** Writes one snapshot to stdout; of a table, who did not answer and the sums go to stderr. */
export async function writeFrame(
  snapshot: Snapshot,
  options: { readonly format: SnapshotFormat | undefined; readonly single: boolean; readonly context: CommandContext },
): Promise<void> {
  const { single, context } = options
  const format = options.format ?? (context.terminal.stdout ? 'table' : 'jsonl')
  if (format !== 'table') {
    // More than one document has to be told apart by lines.
    const text = format === 'json' && single ? jsonDocument(snapshot) : jsonLine(snapshot)
    await stdoutWriter().write(`${text}\n`)
    return
  }
  await stdoutWriter().write(await snapshotTable(snapshot, context))
  for (const group of snapshot.groups) context.say(groupSentence(group, snapshot.asOf))
  for (const { subject, message } of snapshot.errors) context.say(`not complete: ${subject}: ${message}`)
}
