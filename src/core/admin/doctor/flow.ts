import { queueName } from '../../protocol/index.ts'
import type { Diagnosis, DoctorQuestion } from './diagnosis.ts'
import { type HeldQueue, heldQueues, sameQueue } from './held-queues.ts'
import { grouped, listed, queueText, span } from './words.ts'

/** Java's own limit (`ProcessQueue#isPullExpired`): a pull comes back within half a minute, whatever is there. */
const PULL_EXPIRED_MS = 120_000

/** D09: queues that are not pulled because too much of them is unfinished, by the member's own limits. */
export function flowControlled(question: DoctorQuestion): readonly Diagnosis[] {
  const { look, naming } = question
  return heldQueues(look).flatMap((held): Diagnosis[] => {
    const over = limitsReached(held)
    if (over.length === 0) return []
    return [
      {
        id: 'D09',
        severity: 'warning',
        subject: queueText(held.queue, naming),
        evidence: `${held.clientId} holds ${over.join(', ')}; offset ${held.head ?? '?'} is the oldest`,
        cause:
          'it pulls no more of this queue until it has finished some: it is slower than what comes, or stands still',
        next: `mq offsets show -g ${naming.group} ${naming.userName(held.queue.topic)}`,
        member: held.clientId,
      },
    ]
  })
}

function limitsReached({ held, info, orderly }: HeldQueue): readonly string[] {
  const limit = (name: string): number => Number(info.properties.get(name) ?? 0)
  const count = held.cachedMsgCount + held.transactionMsgCount
  const low = held.transactionMsgCount > 0 ? held.transactionMsgMinOffset : held.cachedMsgMinOffset
  const span = Math.max(held.cachedMsgMaxOffset, held.transactionMsgMaxOffset) - low
  const reached = (name: string, value: number, unit: string, over = 0): string[] =>
    limit(name) > 0 && value >= limit(name) + over ? [`${value} ${unit} (${name} ${limit(name)})`] : []
  return [
    ...reached('pullThresholdForQueue', count, 'messages'),
    ...reached('pullThresholdSizeForQueue', held.cachedMsgSizeInMiB, 'MiB'),
    ...(orderly || count === 0 ? [] : reached('consumeConcurrentlyMaxSpan', span, 'offsets', 1)),
  ]
}

/** D10: queues a member holds and has not pulled for so long that a pull must be lost. */
export function stalledPulls(question: DoctorQuestion): readonly Diagnosis[] {
  const { look, before, naming } = question
  const earlier = before === undefined ? undefined : heldQueues(before)
  const stalled = heldQueues(look).filter((held) => {
    const prior = earlier && sameQueue(earlier, held)
    if (earlier !== undefined && prior?.held.lastPullTimestamp !== held.held.lastPullTimestamp) return false
    const { lastPullTimestamp } = held.held
    return lastPullTimestamp > 0 && held.now - lastPullTimestamp > PULL_EXPIRED_MS && !isHeldBack(held)
  })
  const byMember = grouped(stalled, ({ clientId }) => clientId)
  return [...byMember].map(([clientId, queues]) => {
    const oldest = Math.max(...queues.map(({ held, now }) => now - held.lastPullTimestamp))
    const names = queues.map(({ queue }) => `${naming.userName(queue.topic)} ${queueName(queue)}`)
    return {
      id: 'D10',
      severity: 'error',
      subject: clientId,
      evidence: `it has not pulled ${listed(names)} for up to ${span(oldest)}`,
      cause:
        'its pulls were lost, it is paused, or its clock is minutes behind: a pull comes back within half a minute and is followed by the next',
      next: `mq groups show -g ${naming.group} --client ${clientId} --stack; restart it if it was not paused`,
      member: clientId,
    }
  })
}

/** A member of ours waits for room before it asks, and goes on at half of its limits; one without a lock waits, too. */
function isHeldBack(held: HeldQueue): boolean {
  const limit = Number(held.info.properties.get('pullThresholdForQueue') ?? 0)
  const count = held.held.cachedMsgCount + held.held.transactionMsgCount
  if (held.orderly && !held.held.locked) return true
  return limitsReached(held).length > 0 || (limit > 0 && count >= limit / 2)
}
