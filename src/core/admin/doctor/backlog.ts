import { queueName } from '../../protocol/index.ts'
import { lagOf, type QueueProgress } from '../offsets/queue-progress.ts'
import { isRetry } from './committed.ts'
import type { Diagnosis, DoctorQuestion } from './diagnosis.ts'
import { memberRates } from './member-rates.ts'
import { grouped, rate, span } from './words.ts'

/** Of its threads so many are busy when a member is at its limit. */
const SATURATED = 0.8

/** A backlog that is gone sooner is none. */
const WORTH_TELLING_MS = 60_000

/** D20: members that do all they can and have more to do than they will have done soon. */
export function slow(question: DoctorQuestion): readonly Diagnosis[] {
  const { look, naming } = question
  return look.members.flatMap(({ clientId, info }): Diagnosis[] => {
    if (info === undefined) return []
    const { perSecond, callMs, busy, threads } = memberRates(info)
    if (threads === undefined || perSecond === 0 || busy < SATURATED * threads) return []
    const own = look.progress.queues.filter(({ owners }) => owners.some((owner) => owner.clientId === clientId))
    const lag = own.reduce((sum, one) => sum + (lagOf(one) ?? 0), 0)
    if ((1000 * lag) / perSecond < WORTH_TELLING_MS) return []
    const arrives = arrivals(question, own)
    return [
      {
        id: 'D20',
        severity: 'warning',
        subject: clientId,
        evidence: `${threads} threads, ${span(callMs)} a call: ${rate(perSecond)}; ${lag} messages wait, ${drained(lag, perSecond, arrives)}`,
        cause: 'it is slow, not stuck: all its threads are at work',
        next: `more threads, or more members: mq rebalance plan -g ${naming.group} --clients ${look.members.length + 1}`,
        member: clientId,
      },
    ]
  })
}

/** What has come between two looks, a second. */
function arrivals({ look, before }: DoctorQuestion, own: readonly QueueProgress[]): number | undefined {
  if (before === undefined) return undefined
  const ends = new Map(before.progress.queues.map(({ queue, max }) => [`${queue.topic} ${queueName(queue)}`, max]))
  const come = own.map(({ queue, max }) => (max ?? 0) - (ends.get(`${queue.topic} ${queueName(queue)}`) ?? max ?? 0))
  return (1000 * come.reduce((sum, count) => sum + Math.max(0, count), 0)) / Math.max(1, look.at - before.at)
}

function drained(lag: number, perSecond: number, arrives: number | undefined): string {
  const net = perSecond - (arrives ?? 0)
  if (net <= 0) return `${rate(arrives ?? 0)} come: they are never done`
  return `done in ${span((1000 * lag) / net)}${arrives === undefined || arrives === 0 ? '' : `, ${rate(arrives)} come`}`
}

/** What is about to be removed unread is told also of a group that is online. */
const SOON_MS = 2 * 3_600_000

/** D19: messages that wait while nobody is online, or that will be removed before they are consumed. */
export function waiting(question: DoctorQuestion): readonly Diagnosis[] {
  const { look, naming } = question
  const queues = look.progress.queues.filter((one) => !isRetry(one))
  const offline = look.members.length === 0
  // A broker that is silent may have members.
  if (offline && (advanced(question) || look.errors.length > 0)) return []
  return [...grouped(queues, ({ queue }) => queue.topic)].flatMap(([topic, own]): Diagnosis[] => {
    const lag = own.reduce((sum, one) => sum + (lagOf(one) ?? 0), 0)
    const left = expiresIn(question, own)
    if (lag === 0 || (!offline && (left === undefined || left > SOON_MS))) return []
    const age = Math.max(0, ...own.map(({ unreadAgeMs }) => unreadAgeMs ?? 0))
    const lost = left === undefined ? '' : left <= 0 ? ', due to be removed' : `, removed in ${span(left)}`
    return [
      {
        id: 'D19',
        severity: offline ? 'error' : 'warning',
        subject: naming.userName(topic),
        evidence: `${lag} messages wait${age > 0 ? `, the oldest for ${span(age)}` : ''}${lost}; ${offline ? 'nobody is online' : `${look.members.length} online`}`,
        cause: offline
          ? 'no member of the group is connected to any broker'
          : 'messages are removed by age, consumed or not',
        next: offline
          ? `start its consumers; mq offsets show -g ${naming.group} ${naming.userName(topic)}`
          : `mq offsets show -g ${naming.group} ${naming.userName(topic)} --lagging`,
      },
    ]
  })
}

/** When the oldest unread message is old enough to be removed; brokers do so once a day, or when they have no room. */
function expiresIn({ look }: DoctorQuestion, own: readonly QueueProgress[]): number | undefined {
  const kept = new Map(look.rules.map(({ brokerName, retentionMs }) => [brokerName, retentionMs]))
  const left = own.flatMap(({ queue, unreadAgeMs }) => {
    const retentionMs = kept.get(queue.brokerName)
    return unreadAgeMs === undefined || retentionMs === undefined ? [] : [retentionMs - unreadAgeMs]
  })
  return left.length === 0 ? undefined : Math.min(...left)
}

/** D21: offsets that move while no broker has a member: consumers of a proxy, which brokers do not see. */
export function behindProxy(question: DoctorQuestion): readonly Diagnosis[] {
  const { look, naming } = question
  if (look.members.length > 0 || look.errors.length > 0 || !advanced(question)) return []
  return [
    {
      id: 'D21',
      severity: 'warning',
      subject: naming.group,
      evidence: 'nobody is online at any broker, and what is committed moves',
      cause: 'its consumers come by a proxy (gRPC), or somebody commits for it: who holds which queue cannot be told',
      next: `ask the proxy; mq offsets show -g ${naming.group} --watch`,
    },
  ]
}

function advanced({ look, before }: DoctorQuestion): boolean {
  if (before === undefined) return false
  const earlier = new Map(
    before.progress.queues.map(({ queue, committed }) => [`${queue.topic} ${queueName(queue)}`, committed]),
  )
  return look.progress.queues.some((one) => {
    const was = earlier.get(`${one.queue.topic} ${queueName(one.queue)}`)
    return was !== undefined && one.committed !== undefined && one.committed > was && !isRetry(one)
  })
}
