import { isFaulty } from '../../core/telemetry/index.ts'
import type { Row } from '../model/row.ts'
import { faultyQueues } from '../model/rows.ts'
import { count, mebibytes, perSecond, since } from '../text/figures.ts'
import type { Column } from './table.ts'

type ClientRow = Extract<Row, { kind: 'client' }>
type GroupRow = Extract<Row, { kind: 'group' }>

/** The columns of a table of members. */
export function clientColumns(now: number): Column<ClientRow>[] {
  return [
    ...clientFigures,
    {
      head: 'STATE',
      sort: 'state',
      min: 6,
      max: 60,
      prose: true,
      priority: 1,
      cell: ({ client: { error, toldAt } }) =>
        error === null
          ? { text: 'OK', style: 'good' }
          : { text: `SILENT: ${error}${toldAt === undefined ? '' : `, told ${since(toldAt, now)} ago`}`, style: 'bad' },
    },
  ]
}

const clientFigures: readonly Column<ClientRow>[] = [
  { head: 'CLIENT', sort: 'name', min: 18, max: 60, priority: 0, cell: ({ key }) => ({ text: key }) },
  {
    head: 'LANGUAGE',
    min: 13,
    priority: 6,
    cell: ({ client: { language, version } }) => ({ text: [language, version].filter(Boolean).join(' ') || '-' }),
  },
  { head: 'ADDRESS', min: 15, max: 24, priority: 7, cell: ({ client }) => ({ text: client.address ?? '-' }) },
  {
    head: 'QUEUES',
    sort: 'queues',
    align: 'right',
    min: 7,
    priority: 2,
    cell: ({ client }) => ({ text: count(client.queues) }),
  },
  {
    head: 'CACHED',
    sort: 'cached',
    align: 'right',
    min: 8,
    priority: 3,
    cell: ({ client }) => ({ text: count(client.cached) }),
  },
  {
    head: 'MIB',
    sort: 'size',
    align: 'right',
    min: 6,
    priority: 9,
    cell: ({ client }) => ({ text: mebibytes(client.cachedBytes) }),
  },
  {
    head: 'OK',
    sort: 'rate',
    align: 'right',
    min: 8,
    priority: 4,
    cell: ({ client: { rates } }) => ({ text: rates === null ? '-' : perSecond(rates.ok) }),
  },
  {
    head: 'FAIL',
    align: 'right',
    min: 7,
    priority: 5,
    cell: ({ client: { rates } }) => ({
      text: rates === null ? '-' : perSecond(rates.failed),
      style: (rates?.failed ?? 0) > 0 ? 'warn' : 'plain',
    }),
  },
  {
    head: 'CALL',
    align: 'right',
    min: 8,
    priority: 8,
    cell: ({ client }) => ({ text: client.consumeMillis === null ? '-' : `${count(client.consumeMillis)} ms` }),
  },
]

/** The columns of a table of groups. */
export function groupColumns(now: number): Column<GroupRow>[] {
  return [
    { head: 'GROUP', sort: 'name', min: 20, max: 60, priority: 0, cell: ({ key }) => ({ text: key }) },
    {
      head: 'MEMBERS',
      align: 'right',
      min: 7,
      priority: 3,
      cell: ({ group }) => ({ text: count(group.clients.length) }),
    },
    {
      head: 'QUEUES',
      sort: 'queues',
      align: 'right',
      min: 7,
      priority: 4,
      cell: ({ group }) => ({ text: count(group.queues.length) }),
    },
    {
      head: 'CACHED',
      sort: 'cached',
      align: 'right',
      min: 8,
      priority: 5,
      cell: ({ group }) => ({ text: count(group.totals.cached) }),
    },
    {
      head: 'OK',
      sort: 'rate',
      align: 'right',
      min: 8,
      priority: 6,
      cell: ({ group: { totals } }) => ({ text: totals.rates === null ? '-' : perSecond(totals.rates.ok) }),
    },
    {
      head: 'LAG',
      sort: 'lag',
      align: 'right',
      min: 9,
      priority: 2,
      cell: ({ group }) => ({ text: count(group.totals.lag) }),
    },
    {
      head: 'OLDEST',
      sort: 'age',
      align: 'right',
      min: 6,
      priority: 7,
      cell: ({ group: { totals } }) => ({ text: totals.lag === 0 ? '-' : since(totals.oldestUnread, now) }),
    },
    { head: 'STATE', min: 8, max: 40, prose: true, priority: 1, cell: groupState },
  ]
}

function groupState({ group }: GroupRow) {
  if (!group.online) return { text: 'OFFLINE', style: 'dim' as const }
  const states = new Map<string, number>()
  for (const { state } of faultyQueues(group)) states.set(state, (states.get(state) ?? 0) + 1)
  if (states.size > 0)
    return { text: [...states].map(([state, many]) => `${many} ${state}`).join(' '), style: 'bad' as const }
  const busiest =
    group.queues.find(({ state }) => state === 'FLOW') ?? group.queues.find(({ state }) => state === 'BUSY')
  if (busiest !== undefined && !isFaulty(busiest.state)) return { text: busiest.state, style: 'warn' as const }
  return { text: 'OK', style: 'good' as const }
}
