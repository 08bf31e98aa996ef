import { type DeadLetterGroup, deadLetterGroups } from '../../core/admin/index.ts'
import type { Connection } from '../connect.ts'
import { ExitCode } from '../error-report.ts'
import { invokeOptions } from '../invoke-options.ts'
import type { MessageParts } from '../messages/look-up.ts'
import { requireKnownGroup } from '../messages/require-known-group.ts'
import type { Column, ListFormat } from '../output/list.ts'
import { printList } from '../output/print-list.ts'

/** How many dead letters a group has, as JSON shows it. */
interface DeadGroupItem {
  readonly group: string
  readonly topic: string
  readonly count: number
  readonly oldest: string | null
  readonly newest: string | null
  readonly brokers: readonly string[]
}

const columns: readonly Column<DeadGroupItem>[] = [
  { head: 'GROUP', value: ({ group }) => group },
  { head: 'TOPIC', value: ({ topic }) => topic, wide: true },
  { head: 'COUNT', value: ({ count }) => count },
  { head: 'OLDEST', value: ({ oldest }) => oldest ?? undefined },
  { head: 'NEWEST', value: ({ newest }) => newest ?? undefined },
  { head: 'BROKERS', value: ({ brokers }) => brokers.join(','), wide: true },
]

/**
 * Tells which groups have dead letters: all that have some, or those named, whether they have or not. Resolves to the exit
 * code: 6 when somebody did not answer. Rejects with NotFoundError for a group nobody knows.
 */
export async function listDeadGroups(
  request: { readonly groups: readonly string[]; readonly format: ListFormat },
  parts: MessageParts,
): Promise<number> {
  const { context, connection } = parts
  const { groups, errors } = await deadLetterGroups(connection.client, invokeOptions(context))
  const named = new Set(request.groups.map((group) => connection.wireName(group)))
  const known = new Set(groups.map(({ group }) => group))
  for (const group of named) if (!known.has(group)) await requireKnownGroup(group, parts)
  const shown = groups.filter(({ group, count }) => {
    return named.size > 0 ? named.has(group) : count > 0 && connection.owns(group)
  })
  const items = shown.map((group) => deadGroupItem(group, connection))
  const told = errors.map(({ source, error }) => ({ source, message: error.message }))
  await printList({ name: 'groups', items, columns, errors: told }, request.format, context)
  return told.length > 0 ? ExitCode.PARTIAL : ExitCode.DONE
}

function deadGroupItem(dead: DeadLetterGroup, connection: Pick<Connection, 'userName'>): DeadGroupItem {
  return {
    group: connection.userName(dead.group),
    topic: connection.userName(dead.topic),
    count: dead.count,
    oldest: timeText(dead.oldest),
    newest: timeText(dead.newest),
    brokers: [...new Set(dead.queues.filter(({ min, max }) => max > min).map(({ queue }) => queue.brokerName))],
  }
}

function timeText(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString()
}
