import { queueName } from '../../protocol/index.ts'
import type { Diagnosis, DoctorQuestion } from './diagnosis.ts'
import { type HeldQueue, heldQueues } from './held-queues.ts'
import { grouped, listed, span } from './words.ts'

/** A member believes in a lock for so long after a renewal (`ProcessQueue#REBALANCE_LOCK_MAX_LIVE_TIME`). */
const LOCK_LIFE_MS = 30_000

/** D11: queues that are to be consumed in order, and are not, for want of the broker's lock. */
export function withoutLock(question: DoctorQuestion): readonly Diagnosis[] {
  return [...unlocked(question), ...notReleased(question)]
}

function unlocked({ look, naming }: DoctorQuestion): readonly Diagnosis[] {
  const wanting = heldQueues(look).filter((held) => held.orderly && (!held.held.locked || isStale(held)))
  return [...grouped(wanting, ({ clientId }) => clientId)].map(([clientId, queues]) => ({
    id: 'D11',
    severity: 'error',
    subject: clientId,
    evidence: `it holds ${listed(queues.map((held) => lockText(held, naming.userName(held.queue.topic))))}`,
    cause:
      'another member has the locks, which the broker keeps for up to a minute after one has died, or the broker does not answer',
    next: `mq rebalance show -g ${naming.group} --watch`,
    member: clientId,
  }))
}

function isStale({ held, now }: HeldQueue): boolean {
  return held.lastLockTimestamp > 0 && now - held.lastLockTimestamp > LOCK_LIFE_MS
}

function lockText(held: HeldQueue, topic: string): string {
  const name = `${topic} ${queueName(held.queue)}`
  if (!held.held.locked) return `${name} without its lock`
  return `${name} by a lock renewed ${span(held.now - held.held.lastLockTimestamp)} ago`
}

/** Java gives a queue up for good only when its call has ended (`ConsumeMessageOrderlyService#unlock`). */
function notReleased({ look, naming }: DoctorQuestion): readonly Diagnosis[] {
  return look.members.flatMap(({ clientId, info }): Diagnosis[] => {
    const stuck = (info?.mqTable ?? []).filter(([, { droped, tryUnlockTimes }]) => droped && tryUnlockTimes > 0)
    if (stuck.length === 0) return []
    const names = stuck.map(
      ([queue, { tryUnlockTimes }]) =>
        `${naming.userName(queue.topic)} ${queueName(queue)} (${tryUnlockTimes} times in vain)`,
    )
    return [
      {
        id: 'D11',
        severity: 'error',
        subject: clientId,
        evidence: `it should let go of ${listed(names)}`,
        cause: 'a call of its listener still runs there, and keeps the lock from the next owner',
        next: `mq groups show -g ${naming.group} --client ${clientId} --stack`,
        member: clientId,
      },
    ]
  })
}
