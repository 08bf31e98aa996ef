import { type GroupSurvey, knownGroups } from '../../core/admin/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import type { InvokeOptions } from '../../core/remoting/index.ts'
import type { Connection } from '../connect.ts'
import { didYouMean } from '../suggest.ts'

/**
 * Makes sure that a group without a trace is one all the same: known to some broker. Rejects with NotFoundError when all
 * brokers say it is not; a broker that does not answer may know it.
 */
export async function requireGroup(
  survey: Pick<GroupSurvey, 'group' | 'brokers' | 'members' | 'queues' | 'errors'>,
  connection: Pick<Connection, 'client' | 'userName'>,
  wait: InvokeOptions,
): Promise<void> {
  const { group, members, queues } = survey
  const traces = members.length > 0 || queues.some(({ committed }) => committed !== undefined)
  if (traces || survey.errors.length > 0) return
  const { names, errors } = await knownGroups(connection.client, survey.brokers.masters, wait)
  if (errors.length > 0 || names.includes(group)) return
  throw noSuchGroup(group, names, connection)
}

/** The error for a group that no broker knows. */
export function noSuchGroup(
  group: string,
  names: readonly string[],
  connection: Pick<Connection, 'userName'>,
): NotFoundError {
  const name = connection.userName(group)
  const known = names.map((other) => connection.userName(other))
  return new NotFoundError('group', name, `no such group: ${name}`, { suggestions: didYouMean(name, known) })
}
