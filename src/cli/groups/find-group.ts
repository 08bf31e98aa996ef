import { type FoundGroup, GroupAdmin } from '../../core/admin/index.ts'
import { UsageError } from '../../core/errors.ts'
import { checkGroupName, isSystemGroup } from '../../core/protocol/index.ts'
import type { CommandContext } from '../command-context.ts'
import type { WriteFlagValues } from '../confirm.ts'
import type { Connection } from '../connect.ts'
import { invokeOptions } from '../invoke-options.ts'
import { noSuchGroup } from '../offsets/known-group.ts'

/** What commands that change a group work with. */
export interface GroupParts {
  readonly context: CommandContext
  readonly connection: Connection
  readonly flags: WriteFlagValues & { readonly json: boolean }
}

/** A group that is to be changed, as every broker has it. */
export interface GroupToChange {
  /** As the user calls it. */
  readonly name: string
  /** As it is called on the wire. */
  readonly group: string
  readonly admin: GroupAdmin
  readonly found: FoundGroup
}

/**
 * Finds a group that is to be changed. Rejects with NotFoundError for one no broker knows, unless it may be new; when a
 * broker does not answer: a plan must know what is there; with UsageError for a group of the brokers themselves.
 */
export async function findGroup(
  name: string,
  { context, connection }: Pick<GroupParts, 'context' | 'connection'>,
  options: { readonly mayBeNew: boolean } = { mayBeNew: false },
): Promise<GroupToChange> {
  const group = connection.wireName(name)
  checkGroupName(group)
  if (isSystemGroup(name)) throw new UsageError(`${name} is a group of the brokers themselves; it stays as it is`)
  const admin = new GroupAdmin(connection.client, invokeOptions(context))
  const found = await admin.find(group)
  const [missing] = found.errors
  if (missing !== undefined) throw missing.error
  if (!found.known && !options.mayBeNew) throw noSuchGroup(group, found.names, connection)
  return { name, group, admin, found }
}
