import { compareText, mqVersion, RETRY_PREFIX, versionName } from '../../protocol/index.ts'
import { checkAllocation } from '../rebalance/check-allocation.ts'
import { holders } from '../rebalance/group-allocation.ts'
import type { Diagnosis, DoctorQuestion } from './diagnosis.ts'
import { aheadMs, heldQueues, sameQueue } from './held-queues.ts'
import { grouped, listed, span } from './words.ts'

/** A member may hold so many times what another does. */
const UNEVEN = 2

/** D07: members that hold nothing, or far less than others. */
export function unevenShares({ look, naming }: DoctorQuestion): readonly Diagnosis[] {
  const { allocation } = look
  if (allocation.messageModel === 'BROADCASTING' || look.members.some(({ info }) => info === undefined)) return []
  if (look.members.some(({ info }) => (info?.mqPopTable.length ?? 0) > 0)) return []
  const own = allocation.topics.filter(({ topic }) => !topic.startsWith(RETRY_PREFIX))
  const counts = new Map(look.members.map(({ clientId }) => [clientId, 0]))
  for (const owners of holders({ topics: own, members: look.members }).values()) {
    for (const { clientId } of owners) counts.set(clientId, (counts.get(clientId) ?? 0) + 1)
  }
  const idle = [...counts].filter(([, count]) => count === 0).map(([clientId]) => clientId)
  const total = own.reduce((sum, { queues }) => sum + queues.length, 0)
  const next = `mq rebalance show -g ${naming.group}; mq rebalance plan -g ${naming.group} --strategy circle`
  if (idle.length > 0 && total > 0) {
    return [
      {
        id: 'D07',
        severity: 'warning',
        subject: naming.group,
        evidence: `${listed(idle)} of ${counts.size} members hold no queue; there are ${total}`,
        cause: 'there are more members than queues, or their strategy gives these nothing',
        next,
      },
    ]
  }
  const most = Math.max(0, ...counts.values())
  const least = Math.min(...counts.values())
  if (counts.size < 2 || most <= UNEVEN * least || most - least < UNEVEN) return []
  const shares = [...counts].sort(([a], [b]) => compareText(a, b)).map(([clientId, count]) => `${clientId}: ${count}`)
  return [
    {
      id: 'D07',
      severity: 'warning',
      subject: naming.group,
      evidence: `queues are shared unevenly: ${listed(shares)}`,
      cause: 'sharing averagely gives the first member the odd queue of every topic; hashing has no even shares',
      next,
    },
  ]
}

/** The oldest clients that are looked after. */
const OLDEST = mqVersion('4.9.0') ?? 0

/** D18: Java members of long ago; members of several languages, where shares are not what they should be. */
export function oldOrMixed(question: DoctorQuestion): readonly Diagnosis[] {
  const { look, naming } = question
  const old = look.members.filter(({ language, version }) => language === 'JAVA' && version < OLDEST)
  const languages = grouped(look.members, ({ language }) => language ?? 'unknown')
  const shares = checkAllocation({ ...question, survey: look.allocation, now: look.at })
  const isWrong = shares.some(({ id }) => ['D04', 'D05', 'D06'].includes(id))
  return [
    ...old.map(
      ({ clientId, version }): Diagnosis => ({
        id: 'D18',
        severity: 'warning',
        subject: clientId,
        evidence: `its client library is ${versionName(version)}`,
        cause: 'clients before 4.9 have known faults in sharing queues and in resets',
        next: 'update its client library',
      }),
    ),
    ...(languages.size < 2 || !isWrong
      ? []
      : [
          {
            id: 'D18',
            severity: 'warning' as const,
            subject: naming.group,
            evidence: [...languages].map(([name, members]) => `${name}: ${listed(members.map(idOf))}`).join('; '),
            cause: 'clients of some languages sort members and queues or split them differently, so shares overlap',
            next: 'let members of one language consume, or update the client libraries',
          },
        ]),
  ]
}

function idOf({ clientId }: { readonly clientId: string }): string {
  return clientId
}

/** Clocks that are this far apart make times of members hard to read, and resets by time begin elsewhere. */
const APART_MS = 5000

/** D22: members whose clocks are not ours: by times that are to come, or by a pull that was just made and tells an old time. */
export function clocksApart({ look, before, naming }: DoctorQuestion): readonly Diagnosis[] {
  const earlier = before === undefined ? [] : heldQueues(before)
  return look.members.flatMap(({ clientId, info }): Diagnosis[] => {
    if (info === undefined) return []
    const ahead = aheadMs(info, look.at)
    const pulled = heldQueues(look).filter((held) => {
      const prior = held.clientId === clientId ? sameQueue(earlier, held) : undefined
      return prior !== undefined && prior.held.lastPullTimestamp !== held.held.lastPullTimestamp
    })
    const sinceBefore = before === undefined ? 0 : look.at - before.at
    const last = Math.max(...pulled.map(({ held }) => held.lastPullTimestamp))
    const behind = pulled.length === 0 ? 0 : look.at - last - sinceBefore
    if (Math.max(ahead, behind) <= APART_MS) return []
    return [
      {
        id: 'D22',
        severity: 'warning',
        subject: clientId,
        evidence: `its clock is at least ${span(Math.max(ahead, behind))} ${ahead > behind ? 'ahead of' : 'behind'} this host's`,
        cause: 'times it tells are not those of others; starts and resets by time do not begin where they should',
        next: `set the clocks (NTP), of this host too; mq groups show -g ${naming.group} --client ${clientId}`,
        member: clientId,
      },
    ]
  })
}
