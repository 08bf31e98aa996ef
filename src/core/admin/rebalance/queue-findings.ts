import { type MessageQueue, queueKey, queueName, RETRY_PREFIX } from '../../protocol/index.ts'
import type { GroupMemberFacts } from '../offsets/group-members.ts'
import type { Finding, Naming } from './finding.ts'
import { type GroupAllocation, type HeldByMember, heldBy, holders, type SharedTopic } from './group-allocation.ts'

/** What the strategies of members have to say: the consumer's part, which only commands know. */
export interface StrategyKnowledge {
  /** The name of the one a member declares. */
  readonly nameOf: (member: GroupMemberFacts) => string | undefined
  /** Its share as that has it; `undefined` where this cannot be computed from outside. */
  readonly shareOf: (
    member: GroupMemberFacts,
    topic: SharedTopic,
    clientIds: readonly string[],
  ) => readonly MessageQueue[] | undefined
}

/** What queues are judged with. */
export interface QueueQuestion extends StrategyKnowledge {
  readonly survey: GroupAllocation
  readonly naming: Naming
  /** For how young members are. */
  readonly now: number
}

/** A member learns of a topic made after it started, as its retry topic is, within a refresh (30 s) and a pass (20 s). */
const LEARNS_WITHIN_MS = 60_000

/** D04: queues of topics somebody consumes that nobody holds. Nothing is said where a member does not tell what it holds. */
export function orphans(question: QueueQuestion): readonly Finding[] {
  const { survey, naming, now } = question
  if (survey.members.length === 0 || !survey.members.every(tells)) return []
  const held = holders(survey)
  return consumedTopics(survey).flatMap((shared): Finding[] => {
    if (shared.topic.startsWith(RETRY_PREFIX) && isYoung(survey, now)) return []
    const free = shared.queues.filter((queue) => (held.get(queueKey(queue)) ?? []).length === 0)
    if (free.length === 0) return []
    const { group, userName } = naming
    return [
      {
        id: 'D04',
        severity: 'error',
        subject: userName(shared.topic),
        evidence: `nobody holds ${free.map(queueName).join(', ')}`,
        cause: whyFree(question, shared, free),
        next: `mq rebalance show -g ${group} ${userName(shared.topic)}; mq offsets show -g ${group} ${userName(shared.topic)}`,
      },
    ]
  })
}

/** A pull consumer of the old kind has queues and tells none. */
function tells({ info }: GroupMemberFacts): boolean {
  if (info === undefined) return false
  return info.properties.get('PROP_CONSUME_TYPE') !== 'CONSUME_ACTIVELY' || info.mqTable.length > 0
}

function isYoung({ members }: GroupAllocation, now: number): boolean {
  const starts = members.map(({ info }) => Number(info?.properties.get('PROP_CONSUMER_START_TIMESTAMP') ?? 0))
  return starts.some((start) => now - start < LEARNS_WITHIN_MS)
}

function consumedTopics({ members, topics }: GroupAllocation): readonly SharedTopic[] {
  return topics.filter(({ topic }) => members.some((member) => subscribes(member, topic)))
}

function subscribes({ info }: GroupMemberFacts, topic: string): boolean {
  return info?.subscriptionSet.some((one) => one.topic === topic) === true
}

function whyFree(question: QueueQuestion, shared: SharedTopic, free: readonly MessageQueue[]): string {
  const { survey, shareOf } = question
  const clientIds = listedAlike(survey, shared)
  if (clientIds !== undefined) {
    const keys = new Set(free.map(queueKey))
    const meant = survey.members.filter((member) =>
      shareOf(member, shared, clientIds)?.some((queue) => keys.has(queueKey(queue))),
    )
    const names = meant.map(({ clientId }) => clientId).join(', ')
    if (meant.some((member) => !subscribes(member, shared.topic))) {
      return `they are the share of ${names}, and not all of these subscribe to the topic`
    }
    const orderly = meant.some(({ info }) => info?.properties.get('PROP_CONSUMEORDERLY') === 'true')
    if (orderly) return `${names} waits for their locks, which a member that was killed keeps for up to a minute`
    if (meant.length > 0)
      return `they are the share of ${names}, which has not taken them: it hangs, or does not know of them yet`
    if (new Set(clientIds).size < clientIds.length)
      return 'clients with one id take one share, and that of the other is left'
  }
  return 'members disagree on who they are or how they share, or no strategy gives these queues to anybody'
}

/** D05: queues that several members hold by pulling. */
export function doubled({ survey, naming }: QueueQuestion): readonly Finding[] {
  if (survey.messageModel === 'BROADCASTING') return []
  const held = holders(survey)
  const { group, userName } = naming
  return survey.topics.flatMap(({ topic, queues }): Finding[] => {
    const told = queues.flatMap((queue) => {
      const owners = (held.get(queueKey(queue)) ?? []).filter(({ pops }) => !pops)
      return owners.length < 2 ? [] : [`${queueName(queue)}: ${owners.map(({ clientId }) => clientId).join(' and ')}`]
    })
    if (told.length === 0) return []
    return [
      {
        id: 'D05',
        severity: 'error',
        subject: userName(topic),
        evidence: told.join('; '),
        cause:
          'the members know different lists of members or queues, or share by different strategies: messages come twice',
        next: `mq rebalance show -g ${group} ${userName(topic)} --watch`,
      },
    ]
  })
}

/** D06: members that share by different strategies, or hold what theirs does not give them. */
export function againstStrategy(question: QueueQuestion): readonly Finding[] {
  const { survey } = question
  if (survey.messageModel === 'BROADCASTING') return []
  return [...differentStrategies(question), ...survey.topics.flatMap((shared) => misplaced(question, shared))]
}

function differentStrategies({ survey, naming, nameOf }: QueueQuestion): readonly Finding[] {
  const names = new Map<string, string[]>()
  for (const member of survey.members) {
    const name = nameOf(member)
    if (name !== undefined) names.set(name, [...(names.get(name) ?? []), member.clientId])
  }
  if (names.size < 2) return []
  return [
    {
      id: 'D06',
      severity: 'error',
      subject: naming.group,
      evidence: [...names].map(([name, ids]) => `${name}: ${ids.join(', ')}`).join('; '),
      cause: 'each member computes its share alone, so shares by different strategies overlap and leave queues out',
      next: 'let all members use one strategy',
    },
  ]
}

function misplaced(question: QueueQuestion, shared: SharedTopic): readonly Finding[] {
  const { survey, naming, shareOf, nameOf } = question
  const clientIds = listedAlike(survey, shared)
  if (clientIds === undefined) return []
  const told = survey.members.flatMap((member) => {
    const mine = heldBy(member).filter(({ queue, pops }) => queue.topic === shared.topic && !pops)
    const share = mine.length === 0 ? undefined : shareOf(member, shared, clientIds)
    if (share === undefined || !subscribes(member, shared.topic)) return []
    const given = new Set(share.map(queueKey))
    const extra = mine.filter(({ queue }) => !given.has(queueKey(queue)))
    if (extra.length === 0) return []
    return [`${member.clientId} holds ${names(extra)}, ${nameOf(member) ?? 'its strategy'} gives it ${listOf(share)}`]
  })
  if (told.length === 0) return []
  return [
    {
      id: 'D06',
      severity: 'warning',
      subject: naming.userName(shared.topic),
      evidence: told.join('; '),
      cause: 'the members see others or other queues than the brokers tell, or their strategy has settings of its own',
      next: `mq rebalance show -g ${naming.group} ${naming.userName(shared.topic)} --watch`,
    },
  ]
}

function names(held: readonly HeldByMember[]): string {
  return listOf(held.map(({ queue }) => queue))
}

function listOf(queues: readonly MessageQueue[]): string {
  return queues.map(queueName).join(', ') || 'nothing'
}

/** The members as every broker of a topic lists them, sorted; `undefined` where they differ, or one did not answer. */
function listedAlike({ byBroker }: GroupAllocation, { queues }: SharedTopic): readonly string[] | undefined {
  const hosts = new Set(queues.map(({ brokerName }) => brokerName))
  const lists = byBroker.filter(({ brokerName }) => hosts.has(brokerName)).map(({ clientIds }) => clientIds.toSorted())
  const [first] = lists
  if (first === undefined || lists.length < hosts.size) return undefined
  return lists.every((list) => list.length === first.length && list.every((id, at) => id === first[at]))
    ? first
    : undefined
}
