import { type PlannedQueue, planTotals } from '../../core/admin/index.ts'
import { queueName, versionName } from '../../core/protocol/index.ts'
import type { Column } from '../output/list.ts'
import { describeClamp } from '../position/resolve.ts'
import type { PreparedReset } from './prepare-reset.ts'

/** The columns of a plan. */
export const planColumns: readonly Column<PlannedQueue>[] = [
  { head: 'QUEUE', value: ({ queue }) => queueName(queue) },
  { head: 'MIN', value: ({ min }) => min },
  { head: 'MAX', value: ({ max }) => max },
  { head: 'COMMITTED', value: ({ committed }) => committed },
  { head: 'TARGET', value: ({ target }) => target },
  { head: 'EFFECT', value: effectText },
]

/** `REPLAY 1220`, `EXPIRED 900 lost`, `SKIP 5 (900 more lost)`. */
export function effectText({ effect, messages, expired }: PlannedQueue): string {
  switch (effect) {
    case 'REPLAY':
      return `REPLAY ${messages}`
    case 'SKIP':
      return expired === 0 ? `SKIP ${messages}` : `SKIP ${messages} (${expired} more lost)`
    case 'EXPIRED':
      return `EXPIRED ${expired} lost`
    case 'NOOP':
    case 'SEED':
      return effect
  }
}

/** What a plan is about: `group billing (3 online, JAVA), topic orders; broker-a 5.5.0: server-side`. `otherwise` is said of brokers without a way. */
export function planTitle(
  { wanted, survey, schemes, mechanisms }: Pick<PreparedReset, 'wanted' | 'survey' | 'schemes' | 'mechanisms'>,
  otherwise = 'nothing to do',
): string {
  const languages = [...new Set(survey.members.map(({ language }) => language ?? 'unknown'))].sort().join(', ')
  const who = survey.members.length === 0 ? 'offline' : `${survey.members.length} online, ${languages}`
  const how = schemes.map(({ brokerName, version }) => {
    const name = version === undefined ? brokerName : `${brokerName} ${versionName(version)}`
    return `${name}: ${mechanisms.get(brokerName) ?? otherwise}`
  })
  return `group ${wanted.group} (${who}), topic ${wanted.topic}; ${how.join(', ')}`
}

/** The sum of a plan, and what its reader has to know. */
export function planNotes(prepared: PreparedReset): string[] {
  const { rows, survey, mechanisms, live, wanted } = prepared
  const { replay, skip, expired } = planTotals(rows)
  const seeds = rows.filter(({ effect }) => effect === 'SEED').length
  const lines = [
    `total: replay ${replay}, skip ${skip}, ${expired} already lost${seeds === 0 ? '' : `, ${seeds} queues begin`}`,
  ]
  for (const row of rows) {
    const clamp = describeClamp({ ...row, offset: row.target })
    if (clamp !== undefined) lines.push(clamp)
    if (row.early > 0) {
      const where = queueName(row.queue)
      lines.push(`${where}: ${row.early} messages from before come again: the broker's own search begins there`)
    }
  }
  if (!live) return lines
  const used = new Set(mechanisms.values())
  if (used.has('client-push')) {
    lines.push(`members of ${wanted.group} that are written in Java stop for about 10 s, in all their topics`)
  }
  if (used.has('server-side')) {
    lines.push('members move with their next pull of a queue; what they hold already may still be finished')
  }
  for (const { clientId, silent } of survey.members) {
    if (silent === 'unanswered') lines.push(`${clientId} does not answer: its queues move when it goes on, not before`)
  }
  return lines
}

/** How the brokers do it, in one word. */
export function mechanismText({ mechanisms }: PreparedReset): string | null {
  const used = [...new Set(mechanisms.values())].sort()
  return used.length === 0 ? null : used.join('+')
}
