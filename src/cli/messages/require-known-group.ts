import { findBrokers, knownGroups } from '../../core/admin/index.ts'
import { invokeOptions } from '../invoke-options.ts'
import { noSuchGroup } from '../offsets/known-group.ts'
import type { MessageParts } from './look-up.ts'

/** Rejects with NotFoundError when every broker says that it does not know a group; one that is silent may know it. */
export async function requireKnownGroup(group: string, { context, connection }: MessageParts): Promise<void> {
  const wait = invokeOptions(context)
  const { masters } = await findBrokers(connection.client, wait)
  const { names, errors } = await knownGroups(connection.client, masters, wait)
  if (!names.includes(group) && errors.length === 0) throw noSuchGroup(group, names, connection)
}
