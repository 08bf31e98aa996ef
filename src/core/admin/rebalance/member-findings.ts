import { compareText, RETRY_PREFIX, type SubscriptionData } from '../../protocol/index.ts'
import type { GroupMemberFacts } from '../offsets/group-members.ts'
import type { Finding, Naming } from './finding.ts'
import type { GroupAllocation, MembersAtBroker } from './group-allocation.ts'

/** D02: one client id connected to one broker from several addresses. */
export function duplicateIds(
  { byBroker, messageModel }: Pick<GroupAllocation, 'byBroker' | 'messageModel'>,
  { group }: Naming,
): readonly Finding[] {
  const broadcasts = messageModel === 'BROADCASTING'
  const seen = new Map<string, string[]>()
  for (const { brokerName, connections } of byBroker) {
    for (const [clientId, addresses] of addressesById(connections)) {
      if (addresses.length < 2) continue
      const told = seen.get(clientId) ?? []
      told.push(`${brokerName} sees it at ${addresses.join(' and ')}`)
      seen.set(clientId, told)
    }
  }
  return [...seen].map(([clientId, told]) => ({
    id: 'D02',
    severity: broadcasts ? 'warning' : 'error',
    subject: clientId,
    evidence: told.join('; '),
    cause: broadcasts
      ? 'every member reads all queues, and on one host these keep their offsets in one file: who writes last wins'
      : 'clients with one id compute one share: its queues are consumed twice, and those meant for the other by nobody',
    next: `give each client an instance name of its own (containers often share a host name and a process id), then: mq rebalance check -g ${group}`,
  }))
}

function addressesById(connections: MembersAtBroker['connections']): ReadonlyMap<string, readonly string[]> {
  const known = new Map<string, Set<string>>()
  for (const { clientId, address } of connections) known.set(clientId, (known.get(clientId) ?? new Set()).add(address))
  return new Map([...known].map(([clientId, addresses]) => [clientId, [...addresses].sort(compareText)]))
}

/** D03: brokers of the group's topics that do not list the same members. */
export function disagreements(survey: GroupAllocation, { group }: Naming): readonly Finding[] {
  const topics = survey.topics.filter(({ topic }) => !topic.startsWith(RETRY_PREFIX))
  const hosts = new Map(topics.map(({ topic, queues }) => [topic, new Set(queues.map(({ brokerName }) => brokerName))]))
  const listed = new Map(survey.byBroker.map(({ brokerName, clientIds }) => [brokerName, new Set(clientIds)]))
  const missing = new Map<string, string[]>()
  for (const member of survey.members) {
    const wanted = [...hosts].filter(([topic]) => mayConsume(member, topic)).flatMap(([, names]) => [...names])
    for (const brokerName of new Set(wanted)) {
      if (listed.get(brokerName)?.has(member.clientId) !== false) continue
      missing.set(brokerName, [...(missing.get(brokerName) ?? []), member.clientId])
    }
  }
  return [...missing].map(([brokerName, clientIds]) => ({
    id: 'D03',
    severity: 'error',
    subject: brokerName,
    evidence: `it does not list ${clientIds.join(', ')}, which other brokers of the group's topics do`,
    cause: 'members ask any one broker who they are, and share the queues out by what it says: their answers differ',
    next: `see that these clients reach ${brokerName} (firewall, address it registers), then: mq groups show -g ${group} -o wide`,
  }))
}

function mayConsume({ info }: GroupMemberFacts, topic: string): boolean {
  return info === undefined || info.subscriptionSet.some((one) => one.topic === topic)
}

/** D01: members that want different things of a topic; the last heartbeat decides for all of them. */
export function differentSubscriptions(survey: GroupAllocation, { group, userName }: Naming): readonly Finding[] {
  const tellers = survey.members.filter(({ info }) => info !== undefined && info.subscriptionSet.length > 0)
  const topics = survey.topics.map(({ topic }) => topic).filter((topic) => !topic.startsWith(RETRY_PREFIX))
  return topics.flatMap((topic): Finding[] => {
    const wants = new Map<string, string[]>()
    for (const { clientId, info } of tellers) {
      const data = info?.subscriptionSet.find((one) => one.topic === topic)
      const want = data === undefined ? 'nothing' : normalised(data)
      wants.set(want, [...(wants.get(want) ?? []), clientId])
    }
    if (wants.size < 2) return []
    const evidence = [...wants].sort(([a], [b]) => compareText(a, b)).map(([want, ids]) => `${want}: ${ids.join(', ')}`)
    return [
      {
        id: 'D01',
        severity: 'error',
        subject: userName(topic),
        evidence: evidence.join('; '),
        cause:
          'queues are shared among all members, and a broker filters by the heartbeat that came last: messages are passed over, and the lag reads 0',
        next: `let all members of ${group} subscribe to the same, or give those that differ a group of their own: mq groups show -g ${group}`,
      },
    ]
  })
}

/** Tags in any order are the same wish (`A || B`, `B||A`); mqadmin compares the text, and not the type. */
export function normalised({ expressionType, subString, tagsSet }: SubscriptionData): string {
  if (expressionType !== 'TAG' && expressionType !== '') return `${expressionType} ${subString.trim()}`
  const told = tagsSet.length > 0 ? tagsSet : subString.split('||')
  const tags = [...new Set(told.map((tag) => tag.trim()).filter((tag) => tag !== ''))].sort(compareText)
  return `tags ${tags.length === 0 ? '*' : tags.join(' || ')}`
}
