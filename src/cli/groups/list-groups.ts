import { listGroups as groupsOf, type ListedGroup } from '../../core/admin/index.ts'
import { isSystemGroup, versionName } from '../../core/protocol/index.ts'
import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import { ExitCode } from '../error-report.ts'
import { invokeOptions } from '../invoke-options.ts'
import type { Column, ListFormat } from '../output/list.ts'
import { printList } from '../output/print-list.ts'

/** How groups are listed. */
export interface ListGroupsRequest {
  /** Those of brokers and tools too. */
  readonly all: boolean
  /** Only groups with members. */
  readonly online: boolean
  readonly format: ListFormat
}

/** A group as `groups list` tells it. */
export interface GroupItem {
  readonly group: string
  /** `unknown` where a broker that may know members did not answer. */
  readonly state: 'online' | 'offline' | 'unknown'
  readonly members: number
  /** What members are, with how many of each: `JAVA 5.5.0 ×3`. */
  readonly clients: readonly string[]
  readonly messageModel: string | null
  readonly consumeType: string | null
  readonly brokers: readonly string[]
}

const columns: readonly Column<GroupItem>[] = [
  { head: 'GROUP', value: ({ group }) => group },
  { head: 'STATE', value: ({ state }) => state },
  { head: 'MEMBERS', value: ({ members }) => members },
  { head: 'CLIENTS', value: ({ clients }) => clients.join(', ') || undefined },
  { head: 'MODEL', value: ({ messageModel }) => messageModel ?? undefined },
  { head: 'TYPE', value: ({ consumeType }) => consumeType ?? undefined, wide: true },
  { head: 'BROKERS', value: ({ brokers }) => brokers.join(' '), wide: true },
]

/** Writes the groups of a cluster. Resolves to the exit code: 6 when somebody did not answer. */
export async function listGroups(
  request: ListGroupsRequest,
  { context, connection }: { readonly context: CommandContext; readonly connection: Connection },
): Promise<number> {
  const isWanted = (group: string): boolean =>
    connection.owns(group) && (request.all || !isSystemGroup(connection.userName(group)))
  const { groups, errors } = await groupsOf(connection.client, isWanted, invokeOptions(context))
  const [first] = errors
  if (first !== undefined && groups.length === 0) throw first.error
  const items = groups
    .map((group) => groupItem(group, connection))
    .filter(({ state }) => !request.online || state === 'online')
  const list = {
    name: 'groups',
    items,
    columns,
    errors: errors.map(({ source, error }) => ({ source, message: error.message })),
  }
  await printList(list, request.format, context)
  return errors.length > 0 ? ExitCode.PARTIAL : ExitCode.DONE
}

function groupItem(listed: ListedGroup, connection: Pick<Connection, 'userName'>): GroupItem {
  const { group, members, unknown, messageModel, consumeType, brokers } = listed
  const absent = unknown.length > 0 ? 'unknown' : 'offline'
  return {
    group: connection.userName(group),
    state: members.length > 0 ? 'online' : absent,
    members: members.length,
    clients: clientKinds(members),
    messageModel: messageModel ?? null,
    consumeType: consumeType ?? null,
    brokers,
  }
}

/** What clients are, with how many of each. */
function clientKinds(members: ListedGroup['members']): readonly string[] {
  const kinds = new Map<string, number>()
  for (const { language, version } of members) {
    const kind = `${language ?? 'unknown'} ${versionName(version)}`
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
  }
  return [...kinds].map(([kind, count]) => `${kind} ×${count}`).sort()
}
