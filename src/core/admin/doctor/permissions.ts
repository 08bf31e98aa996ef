import { DLQ_PREFIX } from '../../protocol/index.ts'
import type { Diagnosis, DoctorQuestion } from './diagnosis.ts'

/** D16: what brokers do not let the group do. */
export function notAllowed(question: DoctorQuestion): readonly Diagnosis[] {
  const { look, naming } = question
  const { group, userName } = naming
  const online = look.members.length > 0
  const broadcasts = look.progress.messageModel === 'BROADCASTING'
  const at = (holds: (rules: (typeof look.rules)[number]) => boolean): string =>
    look.rules
      .filter(holds)
      .map(({ brokerName }) => brokerName)
      .join(', ')
  const finding = (subject: string, evidence: string, next: string): Diagnosis => ({
    id: 'D16',
    severity: 'error',
    subject,
    evidence,
    cause: 'brokers refuse the pulls of members, which only try again',
    next,
  })
  const disabled = at(({ config }) => config?.consumeEnable === false)
  const noBroadcast = at(({ config }) => config?.consumeBroadcastEnable === false)
  const unknown = online ? at(({ config }) => config === undefined) : ''
  const banned = new Map<string, string[]>()
  for (const { brokerName, banned: topics } of look.rules) {
    for (const topic of topics) banned.set(topic, [...(banned.get(topic) ?? []), brokerName])
  }
  return [
    ...(disabled === ''
      ? []
      : [finding(group, `it may not consume at ${disabled} (consumeEnable=false)`, `mq groups resume -g ${group}`)]),
    ...(noBroadcast === '' || !broadcasts
      ? []
      : [finding(group, `it may not broadcast at ${noBroadcast}`, `mq groups config -g ${group}`)]),
    ...(unknown === '' || hostsNothing(question, unknown)
      ? []
      : [finding(group, `${unknown} does not know the group`, `mq groups create -g ${group}`)]),
    ...[...banned].map(([topic, names]) =>
      finding(
        userName(topic),
        `the group may not read it at ${names.join(', ')}`,
        `mq groups resume -g ${group} ${userName(topic)}`,
      ),
    ),
    ...[...look.unreadable]
      .filter(([topic]) => !topic.startsWith(DLQ_PREFIX))
      .map(([topic, names]) =>
        finding(
          userName(topic),
          `nobody may read it at ${names.join(', ')}`,
          `mq topics create ${userName(topic)} --perm rw`,
        ),
      ),
  ]
}

/** Whether these brokers have no queue of the group's topics: then they need not know it. */
function hostsNothing({ look }: DoctorQuestion, brokerNames: string): boolean {
  const names = new Set(brokerNames.split(', '))
  return !look.allocation.topics.some(({ queues }) => queues.some(({ brokerName }) => names.has(brokerName)))
}
