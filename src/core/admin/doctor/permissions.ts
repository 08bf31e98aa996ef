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
  const hosting = hosts(question)
  const unknown = online ? at(({ brokerName, config }) => config === undefined && hosting.has(brokerName)) : ''
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
    ...(unknown === '' ? [] : [finding(group, `it is not known at ${unknown}`, `mq groups create -g ${group}`)]),
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

/** Brokers with queues of the group's topics: only these need to know it. */
function hosts({ look }: DoctorQuestion): ReadonlySet<string> {
  return new Set(look.allocation.topics.flatMap(({ queues }) => queues.map(({ brokerName }) => brokerName)))
}
