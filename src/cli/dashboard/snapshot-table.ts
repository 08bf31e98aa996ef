import { type GroupSnapshot, type QueueSnapshot, type Snapshot, shownQueues } from '../../core/telemetry/index.ts'
import type { CommandContext } from '../command-context.ts'
import { formatDuration } from '../duration.ts'
import { type Column, listText } from '../output/list.ts'

interface Row {
  readonly group: string
  readonly queue: QueueSnapshot
  readonly asOf: number
}

const MIB = 1024 * 1024

const columns: readonly Column<Row>[] = [
  { head: 'GROUP', value: ({ group }) => group },
  { head: 'TOPIC', value: ({ queue }) => queue.topic },
  { head: 'QUEUE', value: ({ queue }) => `${queue.broker}:${queue.queue}` },
  { head: 'CLIENT', value: ({ queue }) => queue.owners.join(' ') || undefined },
  { head: 'CACHED', value: ({ queue }) => queue.cached ?? undefined },
  {
    head: 'MIB',
    value: ({ queue }) => (queue.cachedBytes === null ? undefined : Number((queue.cachedBytes / MIB).toFixed(1))),
  },
  { head: 'SPAN', value: ({ queue }) => queue.span ?? undefined },
  {
    head: 'LIMIT',
    value: ({ queue: { pressure } }) =>
      (pressure && `${Math.round(pressure.used * 100)} % ${pressure.limit}`) ?? undefined,
  },
  { head: 'COMMITTED', value: ({ queue }) => queue.committed ?? undefined },
  { head: 'LAG', value: ({ queue }) => queue.lag ?? undefined },
  { head: 'AGE', value: ({ queue, asOf }) => ageOf(queue.oldestUnread, asOf) },
  { head: 'LOCK', value: ({ queue }) => (queue.locked === null ? undefined : queue.locked ? 'yes' : 'no') },
  { head: 'STATE', value: ({ queue }) => queue.state },
]

/** A snapshot as a table of its queues. */
export async function snapshotTable(
  snapshot: Snapshot,
  context: Pick<CommandContext, 'clock' | 'terminal'>,
): Promise<string> {
  const { groups, asOf } = snapshot
  const items = groups.flatMap((one) => shownQueues(one).map((queue) => ({ group: one.group, queue, asOf })))
  const single = groups.length === 1 ? columns.filter(({ head }) => head !== 'GROUP') : columns
  return listText({ name: 'queues', items, columns: single }, 'table', context)
}

/** A group in one sentence. */
export function groupSentence(snapshot: GroupSnapshot, asOf: number): string {
  const { group, clients, totals, online } = snapshot
  const { lag, retryLag, dlq, cached, rates, oldestUnread } = totals
  const age = ageOf(oldestUnread, asOf)
  const parts = [
    online ? count(clients.length, 'member') : 'nobody online',
    count(shownQueues(snapshot).length, 'queue'),
    `lag ${lag ?? 'not known'}`,
    ...(age === undefined || lag === 0 ? [] : [`oldest unread ${age}`]),
    ...(cached === null ? [] : [`cached ${cached}`]),
    ...(rates === null ? [] : [`in ${rates.in}/s, ok ${rates.ok}/s, failed ${rates.failed}/s`]),
    ...(retryLag === null || retryLag === 0 ? [] : [`retry lag ${retryLag}`]),
    ...(dlq === null || dlq === 0 ? [] : [`${dlq} dead letters`]),
  ]
  return `${group}: ${parts.join(', ')}`
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}

function ageOf(since: number | null, now: number): string | undefined {
  return since === null ? undefined : formatDuration(Math.max(0, now - since))
}
