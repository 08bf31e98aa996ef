import { type GroupSurvey, knownGroups, surveyGroup, TopicAdmin } from '../../core/admin/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import { compareText, isSystemGroup } from '../../core/protocol/index.ts'
import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import { invokeOptions } from '../invoke-options.ts'
import { requireGroup } from './known-group.ts'
import { makeSnapshot, type Snapshot, type SnapshotGroup, type SnapshotQueue } from './snapshot.ts'

/** What of a cluster to write down. */
export interface SnapshotRequest {
  /** Empty: every group that has committed something. */
  readonly groups: readonly string[]
  readonly topic: string | undefined
  /** When the message at each offset was stored: a request for each queue. */
  readonly times: boolean
}

interface Parts {
  readonly context: CommandContext
  readonly connection: Connection
}

/**
 * Writes down what groups have committed. A snapshot is whole or none: rejects when a broker does not answer, with
 * NotFoundError for a group that is not there.
 */
export async function takeSnapshot(request: SnapshotRequest, parts: Parts): Promise<Snapshot> {
  const { context, connection } = parts
  const names = request.groups.length > 0 ? request.groups : await allGroups(parts)
  const groups: SnapshotGroup[] = []
  for (const name of names) {
    const group = await groupSnapshot(name, request, parts)
    if (group.queues.length > 0 || request.groups.length > 0) groups.push(group)
  }
  const takenAt = new Date(context.clock.now()).toISOString()
  return makeSnapshot({ takenAt, nameServers: connection.nameServers, reason: 'export', groups })
}

async function allGroups({ context, connection }: Parts): Promise<string[]> {
  const { client } = connection
  const wait = invokeOptions(context)
  const { masters } = await new TopicAdmin(client, wait).brokers()
  const { names, errors } = await knownGroups(client, masters, wait)
  const [first] = errors
  if (first !== undefined) throw first.error
  return names
    .filter((name) => connection.owns(name) && !isSystemGroup(name))
    .map((name) => connection.userName(name))
    .sort(compareText)
}

async function groupSnapshot(name: string, request: SnapshotRequest, parts: Parts): Promise<SnapshotGroup> {
  const { context, connection } = parts
  const wait = invokeOptions(context)
  const topic = request.topic === undefined ? undefined : connection.wireName(request.topic)
  const asked = { group: connection.wireName(name), topic, details: false }
  const survey = await surveyGroup(connection.client, asked, wait)
  requireAll(survey, { ...parts, topic })
  await requireGroup(survey, connection, wait)
  const queues: SnapshotQueue[] = []
  for (const { queue, committed, min, max } of survey.queues) {
    if (committed === undefined && request.topic === undefined) continue
    const isMessage = committed !== undefined && committed < (max ?? 0)
    const asked = isMessage && request.times
    const at = asked ? await connection.client.queueOffsets.storeTime(queue, committed, wait) : undefined
    queues.push({
      topic: connection.userName(queue.topic),
      broker: queue.brokerName,
      queue: queue.queueId,
      offset: committed ?? null,
      min: min ?? null,
      max: max ?? null,
      storeTime: at === undefined ? null : new Date(at).toISOString(),
    })
  }
  return { group: name, queues }
}

function requireAll(
  { errors, queues }: GroupSurvey,
  { topic, connection }: Parts & { readonly topic: string | undefined },
): void {
  const [first] = errors
  if (first !== undefined) throw first.error
  if (topic !== undefined && queues.length === 0) {
    throw new NotFoundError('topic', topic, `no such topic: ${connection.userName(topic)}`)
  }
}
