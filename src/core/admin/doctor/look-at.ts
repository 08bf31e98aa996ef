import type { ClientInstance } from '../../client/index.ts'
import { halved, type InvokeOptions } from '../../remoting/index.ts'
import { findBrokers } from '../cluster-masters.ts'
import { deadLettersOf } from '../messages/dead-letters.ts'
import { consumeStats } from '../offsets/consume-stats.ts'
import { FanOut } from '../offsets/fan-out.ts'
import { askMembers, findConnections } from '../offsets/group-members.ts'
import { type GroupSurvey, progressWith } from '../offsets/group-survey.ts'
import { allocationAmong } from '../rebalance/group-allocation.ts'
import { readBrokerRules } from './broker-rules.ts'
import { heldHeads } from './held-queues.ts'
import type { Look, LookRequest } from './look.ts'
import { readHeads } from './read-heads.ts'

/**
 * Finds out all there is to know of a group, everybody at once (26, 201, 203, 208; then 38, 105, 202, 303, 307; then the
 * messages queues stand at). Whoever does not answer is named in `errors`. Rejects when no name server answers.
 */
export async function lookAt(client: ClientInstance, request: LookRequest, wait: InvokeOptions): Promise<Look> {
  const { group, topic } = request
  const fanOut = new FanOut()
  const brokers = await findBrokers(client, wait)
  // Half of the time: a broker that hangs must leave the others enough for what follows.
  const half = halved(wait)
  const first = { fanOut, masters: brokers.masters, wait: half }
  const [stats, connections, rules, letters] = await Promise.all([
    consumeStats(client, { group, topic }, first),
    findConnections(client, group, first),
    readBrokerRules(client, group, first),
    topic === undefined
      ? fanOut.ask('name server', () => deadLettersOf(client, group, { fanOut, wait: half }))
      : undefined,
  ])
  const members = askMembers(client, group, { connections, fanOut, wait: half })
  const asked = { brokers, connections, members, fanOut, wait }
  const [allocation, progress] = await Promise.all([
    allocationAmong(client, { group, topic }, asked),
    progressWith(client, { group, topic }, { ...asked, stats }),
  ])
  const at = client.clock.now()
  // A broker that has not answered before is not asked again.
  const readable = heldHeads(allocation.members, at).filter(
    ({ queue }) => fanOut.errorOf(queue.brokerName) === undefined,
  )
  const heads = await readHeads(client, readable, half)
  const topics = new Set([...allocation.topics.map((shared) => shared.topic), ...topicsOf(progress)])
  if (letters !== undefined) topics.add(letters.topic)
  return {
    at,
    members: allocation.members,
    allocation,
    progress,
    rules,
    unreadable: unreadableAmong(client, topics),
    heads,
    letters,
    errors: fanOut.errors,
  }
}

function topicsOf({ queues }: GroupSurvey): readonly string[] {
  return queues.map(({ queue }) => queue.topic)
}

/** What `PermName.PERM_READ` is. */
const READ = 4

function unreadableAmong(client: ClientInstance, topics: Iterable<string>): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  for (const topic of topics) {
    const queues = client.routes.cached(topic)?.data.queueDatas ?? []
    const closed = queues.filter(({ perm }) => (perm & READ) === 0).map(({ brokerName }) => brokerName)
    if (closed.length > 0) found.set(topic, closed)
  }
  return found
}
