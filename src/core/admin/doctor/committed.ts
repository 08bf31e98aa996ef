import { type MessageQueue, queueName, RETRY_PREFIX } from '../../protocol/index.ts'
import type { QueueProgress } from '../offsets/queue-progress.ts'
import type { Diagnosis, DoctorQuestion } from './diagnosis.ts'
import { listed } from './words.ts'

/** Members store their offsets every 5 s, Java's first after 10 s; then a commit must have been seen. */
const STORED_WITHIN_MS = 15_000

/** Members that are younger have not stored what they begin with. */
const YOUNG_MS = 60_000

interface Kind {
  readonly id: string
  readonly severity: Diagnosis['severity']
  readonly cause: string
  readonly next: (topic: string, group: string) => string
}

/** D12: offsets committed beyond the end of their queue. */
export function beyondEnd(question: DoctorQuestion): readonly Diagnosis[] {
  return byTopic(question, ({ queue, state, max, committed }) => {
    if (state.kind !== 'ahead') return undefined
    return `${queueName(queue)} is committed at ${committed ?? ''} and ends at ${max ?? ''}`
  })({
    id: 'D12',
    severity: 'error',
    cause:
      'the topic was made anew, a broker has lost messages, or a tool has set the offset: new messages are passed over, and totals hide real lag',
    next: (topic, group) => `mq offsets reset -g ${group} ${topic} --to last --dry-run`,
  })
}

/** D13: offsets committed before the first message there still is. */
export function expired(question: DoctorQuestion): readonly Diagnosis[] {
  return byTopic(question, ({ queue, state, min, committed }) => {
    if (state.kind !== 'expired') return undefined
    return `${queueName(queue)} is committed at ${committed ?? ''} and begins at ${min ?? ''}: ${state.lost} are gone`
  })({
    id: 'D13',
    severity: 'error',
    cause: 'messages were removed by age or for want of room before the group came to them: they are lost for it',
    next: (topic, group) => `mq offsets reset -g ${group} ${topic} --to first --dry-run`,
  })
}

/** D14: queues with messages and without a commit, where it is open where the group begins. */
export function uncommitted(question: DoctorQuestion): readonly Diagnosis[] {
  const { look } = question
  if (look.members.some(({ info }) => (info?.mqPopTable.length ?? 0) > 0)) return []
  const isSilent = look.members.some(({ info }) => info === undefined)
  return byTopic(question, (progress) => {
    const { queue, state, min, max, owners } = progress
    // Retries are read from the first one on, wherever else members begin.
    if (state.kind !== 'no-commit' || (max ?? 0) === (min ?? 0) || isRetry(progress)) return undefined
    // One that is silent may be young, too.
    if (isYoung(question) || (owners.length === 0 && isSilent)) return undefined
    return `${queueName(queue)} has ${(max ?? 0) - (min ?? 0)} messages`
  })({
    id: 'D14',
    severity: 'warning',
    cause:
      'nothing was ever committed there (a new queue or broker, or a group that never came online): members begin where they are set to, which may be the end',
    next: (topic, group) => `mq offsets init -g ${group} ${topic} --to first --dry-run`,
  })
}

function isYoung({ look }: DoctorQuestion): boolean {
  return look.members.some(({ info }) => {
    const start = Number(info?.properties.get('PROP_CONSUMER_START_TIMESTAMP') ?? 0)
    return look.at - start < YOUNG_MS
  })
}

/** D15: the broker was set to an offset that the owner has not taken up, and takes no commits until it has. */
export function pendingResets(question: DoctorQuestion): readonly Diagnosis[] {
  return byTopic(question, ({ queue, state, committed, owners }) => {
    const [owner, ...others] = owners
    const position = owner?.position
    if (position === undefined || committed === undefined || others.length > 0) return undefined
    const told = `${queueName(queue)} is committed at ${committed}, and ${owner?.clientId ?? ''} is at ${position}`
    if (state.kind === 'reset-pending') return told
    return position > committed && isRefused(question, queue, { committed, position }) ? told : undefined
  })({
    id: 'D15',
    severity: 'error',
    cause:
      'an offset was set while the owner does not pull the queue (flow control, a suspended head, a pause): until it does its commits are refused, and lag looks as if reset',
    next: (topic, group) => `mq offsets show -g ${group} ${topic} --watch; restart the owner if it stays so`,
  })
}

/** An owner that has long finished what it has, and still is not committed there. */
function isRefused(
  { look, before }: DoctorQuestion,
  queue: MessageQueue,
  { committed, position }: { readonly committed: number; readonly position: number },
): boolean {
  const same = ({ queue: other }: QueueProgress): boolean =>
    other.topic === queue.topic && other.brokerName === queue.brokerName && other.queueId === queue.queueId
  const prior = before?.progress.queues.find(same)
  if (before !== undefined && (prior?.committed !== committed || prior.owners[0]?.position !== position)) return false
  const consumedAt = look.progress.queues.find(same)?.owners[0]?.consumedAt ?? look.at
  return consumedAt > 0 && look.at - consumedAt > STORED_WITHIN_MS
}

/** One finding for each topic with queues of which something is to be told. */
function byTopic(
  { look, naming }: DoctorQuestion,
  tell: (progress: QueueProgress) => string | undefined,
): (kind: Kind) => readonly Diagnosis[] {
  const told = new Map<string, string[]>()
  for (const progress of look.progress.queues) {
    const text = tell(progress)
    if (text === undefined) continue
    const { topic } = progress.queue
    told.set(topic, [...(told.get(topic) ?? []), text])
  }
  return ({ id, severity, cause, next }) =>
    [...told].map(([topic, texts]) => {
      const name = naming.userName(topic)
      return { id, severity, subject: name, evidence: listed(texts), cause, next: next(name, naming.group) }
    })
}

/** Whether a queue is one of messages that come again. */
export function isRetry({ queue }: QueueProgress): boolean {
  return queue.topic.startsWith(RETRY_PREFIX)
}
