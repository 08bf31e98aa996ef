import { queueName } from '../../protocol/index.ts'
import { lagOf } from '../offsets/queue-progress.ts'
import { isRetry } from './committed.ts'
import type { Diagnosis, DoctorQuestion } from './diagnosis.ts'
import { isOrderly } from './held-queues.ts'
import { memberRates } from './member-rates.ts'
import { listed, rate, span } from './words.ts'

/** A member fails a lot when this part of its messages fails. */
const MANY = 0.1

/** D17: messages that failed, and wait to come again or were given up; members that fail a lot. */
export function failures(question: DoctorQuestion): readonly Diagnosis[] {
  return [...retryBacklog(question), ...failing(question), ...deadLetters(question)]
}

function retryBacklog({ look, naming }: DoctorQuestion): readonly Diagnosis[] {
  const waiting = look.progress.queues.filter((one) => isRetry(one) && waitingIn(one) > 0)
  if (waiting.length === 0) return []
  const count = waiting.reduce((sum, one) => sum + waitingIn(one), 0)
  const age = Math.max(0, ...waiting.map(({ unreadAgeMs }) => unreadAgeMs ?? 0))
  const [{ queue } = { queue: undefined }] = waiting
  const oldest = age > 0 ? `, the oldest for ${span(age)}` : ''
  return [
    {
      id: 'D17',
      severity: 'warning',
      subject: queue === undefined ? naming.group : naming.userName(queue.topic),
      evidence: `${count} messages that failed are due again and wait in ${listed(waiting.map((one) => queueName(one.queue)))}${oldest}`,
      cause: 'they come back faster than they are consumed, or nobody consumes; they are part of what tools call lag',
      next: `mq offsets show -g ${naming.group}; mq messages peek ${queue === undefined ? '' : naming.userName(queue.topic)} --from first`,
    },
  ]
}

/** A retry topic nobody has committed in holds retries from its first message on. */
function waitingIn(one: Parameters<typeof lagOf>[0]): number {
  return lagOf(one) ?? Math.max(0, (one.max ?? 0) - (one.min ?? 0))
}

function failing({ look, naming }: DoctorQuestion): readonly Diagnosis[] {
  return look.members.flatMap(({ clientId, info }): Diagnosis[] => {
    // In order, what fails is tried again at once, over and over: D08 tells the message.
    if (info === undefined || isOrderly(info)) return []
    const { perSecond, failedPerSecond } = memberRates(info)
    if (failedPerSecond === 0 || failedPerSecond < MANY * perSecond) return []
    return [
      {
        id: 'D17',
        severity: 'warning',
        subject: clientId,
        evidence: `${rate(failedPerSecond)} of ${rate(perSecond)} messages fail`,
        cause: 'its listener fails; each failure is sent back and comes again, up to the group’s limit',
        next: `mq messages peek %RETRY%${naming.group} --from '10m ago'; mq dlq show -g ${naming.group}`,
        member: clientId,
      },
    ]
  })
}

function deadLetters({ look, naming }: DoctorQuestion): readonly Diagnosis[] {
  const { letters } = look
  if (letters === undefined || letters.count === 0) return []
  const { group, userName } = naming
  const age = letters.newest === undefined ? '' : `, the newest from ${span(Math.max(0, look.at - letters.newest))} ago`
  const closed = look.unreadable.get(letters.topic)
  const perm = closed === undefined ? '' : `; nobody may read them at ${closed.join(', ')}`
  return [
    {
      id: 'D17',
      severity: 'warning',
      subject: userName(letters.topic),
      evidence: `${letters.count} dead letters${age}${perm}`,
      cause:
        'these messages failed as often as they may and were given up: nobody consumes them unless they are sent home',
      next: `mq dlq show -g ${group}; mq dlq redrive -g ${group} --dry-run`,
    },
  ]
}
