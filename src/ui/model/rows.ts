import {
  type GroupSnapshot,
  isFaulty,
  type QueueSnapshot,
  queueId,
  type Snapshot,
  shownQueues,
} from '../../core/telemetry/index.ts'
import { findingsOf } from './findings.ts'
import type { QueueRow, Row } from './row.ts'
import { type SortValue, sortValue } from './sort-values.ts'
import { type DashboardState, hereIn, type Place, type Sort } from './state.ts'

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

/** The group of a place, as it is shown now. */
export function groupAt(shown: Snapshot | undefined, place: Place): GroupSnapshot | undefined {
  if (shown === undefined) return undefined
  if ('group' in place && place.group !== undefined) return shown.groups.find(({ group }) => group === place.group)
  return shown.groups.length === 1 ? shown.groups[0] : undefined
}

/** The rows of where we are: filtered, sorted. Places without a list have none. */
export function rowsOf(state: DashboardState): readonly Row[] {
  const { filter, faultsOnly, sort } = state
  const rows = allRows(state, hereIn(state).place)
    .filter((row) => !faultsOnly || isFault(row))
    .filter((row) => matches(textOf(row), filter))
  return sort === undefined ? rows : sorted(rows, sort)
}

function allRows({ shown, findings }: DashboardState, place: Place): readonly Row[] {
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
    case 'findings':
      return findingsOf(findings, place.group).map((named) => ({ kind: 'finding', ...named }))
    case 'queue':
    case 'finding':
    case 'plan':
    case 'events':
      return []
  }
}

function queueRow(queue: QueueSnapshot): QueueRow {
  return { kind: 'queue', key: queueId(queue), queue }
}

/** Whether a row needs somebody. A group does when one of its queues or members does; of findings, errors do. */
function isFault(row: Row): boolean {
  switch (row.kind) {
    case 'queue':
      return isFaulty(row.queue.state)
    case 'client':
      return row.client.error !== null
    case 'group':
      return faultyQueues(row.group).length > 0 || row.group.clients.some(({ error }) => error !== null)
    case 'finding':
      return row.finding.severity === 'error'
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
    case 'finding':
      return Object.values(row.finding).join(' ')
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
    .map((row) => ({ row, value: sortValue(row, by) }))
    .sort((a, b) => compare(a.value, b.value, descending))
    .map(({ row }) => row)
}

function compare(a: SortValue | null, b: SortValue | null, descending: boolean): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  const order = a < b ? -1 : a > b ? 1 : 0
  return descending ? -order : order
}
