import { listGroups, RelaySource } from '../../core/admin/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import { isSystemGroup } from '../../core/protocol/index.ts'
import type { Snapshot } from '../../core/telemetry/index.ts'
import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import { invokeOptions } from '../invoke-options.ts'
import { requireGroup } from '../offsets/known-group.ts'
import { declaredStrategy } from '../rebalance/declared-strategy.ts'
import { lookAgain } from './look-again.ts'

/** More groups at once are too much to ask a cluster every two seconds. */
const MOST_GROUPS = 20

interface Parts {
  readonly connection: Connection
  readonly context: CommandContext
}

/** Groups that are looked at again and again. */
export interface RelayedGroups {
  /** As they are called on the wire. */
  readonly groups: readonly string[]
  readonly snapshots: AsyncIterable<Snapshot>
}

/**
 * Looks at groups through the brokers, again and again; without a name at all that are online. Rejects with NotFoundError
 * for a group no broker knows, and when there is none online.
 */
export async function relaySnapshots(
  request: { readonly groups: readonly string[]; readonly intervalMs: number },
  parts: Parts,
): Promise<RelayedGroups> {
  const { connection, context } = parts
  const { client } = connection
  const named = [...new Set(request.groups)].map((group) => connection.wireName(group))
  const groups = named.length > 0 ? named : await onlineGroups(parts)
  const cluster = connection.nameServers.join(';')
  const source = new RelaySource({ client, groups, cluster, strategyOf: declaredStrategy })
  let known = named.length === 0
  const look = async (signal: AbortSignal): Promise<Snapshot> => {
    const { snapshot, surveys } = await source.look({ timeoutMs: context.deadline.remainingMs(), signal })
    if (!known) for (const survey of surveys) await requireGroup(survey, connection, invokeOptions(context))
    known = true
    return snapshot
  }
  const { clock, signal } = context
  return { groups, snapshots: lookAgain({ look, intervalMs: request.intervalMs, clock, signal }) }
}

async function onlineGroups({ connection, context }: Parts): Promise<string[]> {
  const isWanted = (group: string): boolean => connection.owns(group) && !isSystemGroup(connection.userName(group))
  const { groups, errors } = await listGroups(connection.client, isWanted, invokeOptions(context))
  const [first] = errors
  const online = groups.filter(({ members }) => members.length > 0).map(({ group }) => group)
  if (online.length === 0) {
    if (first !== undefined) throw first.error
    throw new NotFoundError('group', '', 'no group is online', { suggestions: ['name one that is not: -g GROUP'] })
  }
  if (online.length > MOST_GROUPS) {
    context.say(`${online.length} groups are online; shown are the first ${MOST_GROUPS} (name others with -g)`)
  }
  return online.slice(0, MOST_GROUPS)
}
