import { type GroupAllocation, surveyAllocation, TopicAdmin } from '../../core/admin/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import { invokeOptions } from '../invoke-options.ts'
import { requireGroup } from '../offsets/known-group.ts'
import type { PartialError } from '../output/list.ts'
import { withTopicSuggestion } from '../suggest-topic.ts'

/** Which group, and which of its topics; without one all. */
export interface WantedAllocation {
  readonly group: string
  readonly topic: string | undefined
}

/**
 * Finds out how the queues of a group are shared. Rejects with NotFoundError when there is no such group or topic, and
 * with what went wrong when nobody told anything.
 */
export async function allocationOf(
  { group, topic }: WantedAllocation,
  { context, connection }: { readonly context: CommandContext; readonly connection: Connection },
): Promise<GroupAllocation> {
  const { client } = connection
  const wait = invokeOptions(context)
  const wireTopic = topic === undefined ? undefined : connection.wireName(topic)
  const survey = await surveyAllocation(client, { group: connection.wireName(group), topic: wireTopic }, wait)
  const [error] = survey.errors
  if (error !== undefined && survey.members.length === 0 && survey.byBroker.length === 0) throw error.error
  await requireGroup({ ...survey, queues: [] }, connection, wait)
  if (wireTopic !== undefined && survey.topics.length === 0) {
    const [unanswered] = survey.errors.filter(({ source }) => source === 'name server')
    if (unanswered !== undefined) throw unanswered.error
    const missing = new NotFoundError('topic', wireTopic, `no such topic: ${connection.userName(wireTopic)}`)
    throw await withTopicSuggestion(missing, new TopicAdmin(client, wait), connection)
  }
  return survey
}

/** Who did not answer, for the output. */
export function partialErrors({ errors }: Pick<GroupAllocation, 'errors'>): PartialError[] {
  return errors.map(({ source, error }) => ({ source, message: error.message }))
}

/** What keeps an allocation from being told, in sentences. */
export function allocationNotes({ members, messageModel }: GroupAllocation, group: string): string[] {
  const lines: string[] = []
  if (members.length === 0) lines.push(`${group}: nobody is online`)
  if (messageModel === 'BROADCASTING') lines.push(`${group} is broadcasting: every member reads every queue`)
  if (members.some(({ info }) => (info?.mqPopTable.length ?? 0) > 0)) {
    lines.push(`${group} pops: the broker shares the queues, and a queue may have several readers`)
  }
  const unable = members.filter(({ silent }) => silent === 'unable').map(({ clientId }) => clientId)
  if (unable.length > 0) lines.push(`these members do not tell which queues they own: ${unable.join(', ')}`)
  return lines
}
