import { findTopic, type TopicGroup, topicGroups } from '../../core/admin/index.ts'
import { checkTopicName } from '../../core/protocol/index.ts'
import { halved } from '../../core/remoting/index.ts'
import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import { ExitCode } from '../error-report.ts'
import { invokeOptions } from '../invoke-options.ts'
import type { Column, ListFormat } from '../output/list.ts'
import { printList } from '../output/print-list.ts'
import { requireTopic } from './require-topic.ts'

/** A group as `topics groups` tells it. */
interface GroupItem {
  readonly group: string
  /** `elsewhere`: it is online, and its members do not want this topic. */
  readonly state: 'online' | 'offline' | 'elsewhere'
  readonly members: number
  /** Queues it has committed in. */
  readonly committedQueues: number
  readonly lag: number | null
}

const columns: readonly Column<GroupItem>[] = [
  { head: 'GROUP', value: ({ group }) => group },
  { head: 'STATE', value: ({ state }) => state },
  { head: 'MEMBERS', value: ({ members }) => members },
  { head: 'COMMITTED-QUEUES', value: ({ committedQueues }) => committedQueues },
  { head: 'LAG', value: ({ lag }) => lag ?? undefined },
]

/** Writes the groups that subscribe a topic or have committed in it. Resolves to the exit code: 6 when a broker did not answer. */
export async function showTopicGroups(
  request: { readonly topic: string; readonly format: ListFormat },
  parts: { readonly context: CommandContext; readonly connection: Connection },
): Promise<number> {
  const { context, connection } = parts
  const { client } = connection
  const topic = connection.wireName(request.topic)
  checkTopicName(topic)
  const found = await findTopic(client, topic, halved(invokeOptions(context)))
  await requireTopic(topic, found, parts)
  const { groups, errors } = await topicGroups(client, topic, { found, wait: invokeOptions(context) })
  const items = groups.map((group) => groupItem(group, connection))
  const seen = new Map([...found.errors, ...errors].map(({ source, error }) => [source, error.message]))
  const partial = [...seen].map(([source, message]) => ({ source, message }))
  const list = { name: 'groups', items, columns, errors: partial, more: { topic: request.topic } }
  await printList(list, request.format, context)
  return partial.length > 0 ? ExitCode.PARTIAL : ExitCode.DONE
}

function groupItem(one: TopicGroup, connection: Pick<Connection, 'userName'>): GroupItem {
  const online = one.subscribed ? 'online' : 'elsewhere'
  return {
    group: connection.userName(one.group),
    state: one.members > 0 ? online : 'offline',
    members: one.members,
    committedQueues: one.committed,
    lag: one.lag ?? null,
  }
}
