import {
  type ClientSnapshot,
  type GroupSnapshot,
  isFaulty,
  type QueueSnapshot,
  queueId,
  type Snapshot,
  shownQueues,
} from '../../core/telemetry/index.ts'
import { type DashboardState, hereIn, type Place, type Sort } from './state.ts'

/** One row of a list. */
export type Row =
  | { readonly kind: 'group'; readonly key: string; readonly group: GroupSnapshot }
  | { readonly kind: 'client'; readonly key: string; readonly client: ClientSnapshot }
  | { readonly kind: 'queue'; readonly key: string; readonly queue: QueueSnapshot }

/** Rows of one kind. */
export type QueueRow = Extract<Row, { kind: 'queue' }>

type Value = number | string

/** Letters that sort, with Shift; for each kind of row what it is sorted by. Numbers begin with the largest. */
export const sortLetters = {
  L: 'lag',
  C: 'cached',
  A: 'age',
  S: 'state',
  N: 'name',
  O: 'owner',
  M: 'size',
  P: 'pressure',
  R: 'rate',
  Q: 'queues',
} as const

const worstFirst = ['TWOOWNERS', 'NOOWNER', 'BLOCK', 'STALL', 'NOLOCK', 'UNKNOWN', 'FLOW', 'PAUSED', 'BUSY', 'OK']

/** The group of a place, as it is shown now. */
export function groupAt(shown: Snapshot | undefined, place: Place): GroupSnapshot | undefined {
  if (shown === undefined) return undefined
  if ('group' in place) return shown.groups.find(({ group }) => group === place.group)
  return shown.groups.length === 1 ? shown.groups[0] : undefined
}

/** The rows of where we are: filtered, sorted. Places without a list have none. */
export function rowsOf(state: DashboardState): readonly Row[] {
  const { shown, filter, faultsOnly, sort } = state
  const rows = allRows(shown, hereIn(state).place)
    .filter((row) => !faultsOnly || isFault(row))
    .filter((row) => matches(textOf(row), filter))
  return sort === undefined ? rows : sorted(rows, sort)
}

function allRows(shown: Snapshot | undefined, place: Place): readonly Row[] {
  const group = groupAt(shown, place)
  switch (place.kind) {
    case 'groups':
      return (shown?.groups ?? []).map((one) => ({ kind: 'group', key: one.group, group: one }))
    case 'queues':
      return (group === undefined ? [] : shownQueues(group)).map(queueRow)
    case 'client':
      return (group === undefined ? [] : shownQueues(group))
        .filter(({ owners }) => owners.includes(place.clientId))
        .map(queueRow)
    case 'clients':
      return (group?.clients ?? []).map((client) => ({ kind: 'client', key: client.clientId, client }))
    case 'queue':
    case 'events':
      return []
  }
}

function queueRow(queue: QueueSnapshot): QueueRow {
  return { kind: 'queue', key: queueId(queue), queue }
}

/** Whether a row needs somebody. A group does when one of its queues or members does. */
function isFault(row: Row): boolean {
  switch (row.kind) {
    case 'queue':
      return isFaulty(row.queue.state)
    case 'client':
      return row.client.error !== null
    case 'group':
      return faultyQueues(row.group).length > 0 || row.group.clients.some(({ error }) => error !== null)
  }
}

/** The queues of a group that need somebody. */
export function faultyQueues(group: GroupSnapshot): readonly QueueSnapshot[] {
  return shownQueues(group).filter(({ state }) => isFaulty(state))
}

function textOf(row: Row): string {
  switch (row.kind) {
    case 'queue':
      return `${row.key} ${row.queue.owners.join(' ')} ${row.queue.state}`
    case 'client':
      return `${row.key} ${row.client.address ?? ''} ${row.client.language ?? ''} ${row.client.version ?? ''}`
    case 'group':
      return row.key
  }
}

/** `!` in front turns it round. */
export function matches(text: string, filter: string): boolean {
  const inverse = filter.startsWith('!')
  const wanted = (inverse ? filter.slice(1) : filter).toLowerCase()
  return wanted === '' || text.toLowerCase().includes(wanted) !== inverse
}

/** Rows that are equal in it, or do not have it, stay as they were. */
function sorted(rows: readonly Row[], { by, descending }: Sort): readonly Row[] {
  return rows
    .map((row) => ({ row, value: valueOf(row, by) }))
    .sort((a, b) => compare(a.value, b.value, descending))
    .map(({ row }) => row)
}

function compare(a: Value | null, b: Value | null, descending: boolean): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  const order = a < b ? -1 : a > b ? 1 : 0
  return descending ? -order : order
}

function valueOf(row: Row, by: string): Value | null {
  switch (row.kind) {
    case 'queue':
      return queueValue(row.queue, by)
    case 'client':
      return clientValue(row.client, by)
    case 'group':
      return groupValue(row.group, by)
  }
}

function queueValue(queue: QueueSnapshot, by: string): Value | null {
  switch (by) {
    case 'lag':
      return queue.lag
    case 'cached':
      return queue.cached
    case 'size':
      return queue.cachedBytes
    case 'pressure':
      return queue.pressure?.used ?? null
    case 'age':
      return queue.oldestUnread === null ? null : -queue.oldestUnread
    case 'state':
      return worstFirst.length - worstFirst.indexOf(queue.state)
    case 'owner':
      return queue.owners[0] ?? null
    case 'name':
      return queueId(queue)
    default:
      return null
  }
}

function clientValue(client: ClientSnapshot, by: string): Value | null {
  switch (by) {
    case 'cached':
      return client.cached
    case 'size':
      return client.cachedBytes
    case 'queues':
      return client.queues
    case 'rate':
      return client.rates?.ok ?? null
    case 'state':
      return client.error === null ? 0 : 1
    case 'name':
    case 'owner':
      return client.clientId
    default:
      return null
  }
}

function groupValue({ group, totals, queues }: GroupSnapshot, by: string): Value | null {
  switch (by) {
    case 'lag':
      return totals.lag
    case 'cached':
      return totals.cached
    case 'rate':
      return totals.rates?.ok ?? null
    case 'queues':
      return queues.length
    case 'age':
      return totals.oldestUnread === null ? null : -totals.oldestUnread
    case 'name':
      return group
    default:
      return null
  }
}
