import {
  changesBetween,
  type EngineEvent,
  type FindingsNews,
  logChanges,
  logEvent,
  type Snapshot,
} from '../../core/telemetry/index.ts'
import { told } from './findings.ts'
import { layoutOf } from './layout.ts'
import { findingText, planText } from './place-text.ts'
import type { Row } from './row.ts'
import { rowsOf } from './rows.ts'
import { type DashboardState, hereIn, type Place, type Size, type Visit, visit } from './state.ts'

/** Takes a snapshot in: shown at once, or counted while the picture stands still. The log goes on either way. */
export function receive(state: DashboardState, snapshot: Snapshot): DashboardState {
  const { latest, paused, history } = state
  history.note(snapshot)
  const news = latest === undefined ? [] : changesBetween(latest, snapshot)
  const changes = logChanges(state.changes, news)
  if (paused) return { ...state, latest: snapshot, changes, missed: state.missed + 1 }
  const first = state.shown === undefined
  return settled({
    ...state,
    latest: snapshot,
    shown: snapshot,
    changes,
    visits: first ? [visit(firstPlace(snapshot))] : state.visits,
  })
}

/** Takes in what the engine tells of itself; left out: so many events there were too many of. */
export function happened(state: DashboardState, event: EngineEvent, at: number): DashboardState {
  if (event.type !== 'dropped') return { ...state, changes: logEvent(state.changes, event) }
  const { events } = event
  const text = `${events} ${events === 1 ? 'event was' : 'events were'} left out: there were too many`
  const change = { at, group: '', kind: 'answer', fault: false, text, queues: [] } as const
  return { ...state, changes: logChanges(state.changes, [change]) }
}

/** Takes in what an examination says. */
export function hear(state: DashboardState, news: FindingsNews): DashboardState {
  return settled({ ...state, findings: told(state.findings, news) })
}

/** With one group there is no list to choose from. */
function firstPlace({ groups }: Snapshot): Place {
  const [only, ...others] = groups
  return only !== undefined && others.length === 0 ? { kind: 'queues', group: only.group } : { kind: 'groups' }
}

/** Fits to another size. */
export function resize(state: DashboardState, size: Size): DashboardState {
  return settled({ ...state, size })
}

/** Freezes the picture, or shows the newest again. */
export function togglePause(state: DashboardState): DashboardState {
  if (!state.paused) return { ...state, paused: true, missed: 0 }
  return settled({ ...state, paused: false, missed: 0, shown: state.latest })
}

/** Moves the cursor by rows; in a text, what is seen of it. */
export function move(state: DashboardState, by: number): DashboardState {
  const here = hereIn(state)
  if (!isList(here.place)) {
    const last = Math.max(0, textRows(state, here.place) - layoutOf(state).body)
    return withHere(state, { ...here, top: Math.max(0, Math.min(last, here.top + by)) })
  }
  const rows = rowsOf(state)
  const index = Math.max(0, Math.min(rows.length - 1, here.index + by))
  return settled(withHere(state, { ...here, index, key: rows[index]?.key }))
}

/** Facts of a queue, before its events. */
const FACTS = 18

/** How long the text of a place is; that of a queue, about. */
function textRows({ changes, size }: DashboardState, place: Place): number {
  switch (place.kind) {
    case 'queue':
      return FACTS + changes.filter(({ group, queues }) => group === place.group && queues.includes(place.queue)).length
    case 'plan':
      return planText(place.plan, size.columns).length
    case 'finding':
      return findingText(place.finding, size.columns).length
    default:
      return changes.length
  }
}

/** Goes into the row of the cursor. */
export function enter(state: DashboardState): DashboardState {
  const here = hereIn(state)
  const row = rowsOf(state)[here.index]
  const place = row === undefined ? undefined : placeOf(row, here.place)
  return place === undefined ? state : goTo(state, place)
}

function placeOf(row: Row, from: Place): Place | undefined {
  const group = 'group' in from ? from.group : undefined
  switch (row.kind) {
    case 'group':
      return { kind: 'queues', group: row.key }
    case 'client':
      return group === undefined ? undefined : { kind: 'client', group, clientId: row.key }
    case 'queue':
      return group === undefined ? undefined : { kind: 'queue', group, queue: row.key }
    case 'finding':
      return { kind: 'finding', group: row.finding.group, finding: row.finding }
  }
}

/** Goes to a place, from which `esc` comes back here. A filter is for one list. */
export function goTo(state: DashboardState, place: Place): DashboardState {
  return settled({ ...state, visits: [...state.visits, visit(place)], sort: undefined, filter: '' })
}

/** Undoes the last thing that hides or covers something; else goes back. */
export function back(state: DashboardState): DashboardState {
  if (state.help) return { ...state, help: false }
  if (state.filter !== '' || state.faultsOnly) return settled({ ...state, filter: '', faultsOnly: false })
  if (state.visits.length === 1) return state
  return settled({ ...state, visits: state.visits.slice(0, -1), sort: undefined })
}

/** Between the queues of a group and its members. */
export function switchPane(state: DashboardState): DashboardState {
  const { place } = hereIn(state)
  if (place.kind !== 'queues' && place.kind !== 'clients') return state
  const other: Place = { kind: place.kind === 'queues' ? 'clients' : 'queues', group: place.group }
  return settled({ ...state, visits: [...state.visits.slice(0, -1), visit(other)], sort: undefined, filter: '' })
}

/** Sorts; what is sorted by it already is turned round. Names begin with the first, figures with the largest. */
export function sortBy(state: DashboardState, by: string): DashboardState {
  const { sort } = state
  const descending = sort?.by === by ? !sort.descending : by !== 'name' && by !== 'owner'
  return settled(
    withHere({ ...state, sort: { by, descending } }, { ...hereIn(state), key: undefined, index: 0, top: 0 }),
  )
}

/** Shows only rows with this text in them. */
export function filterBy(state: DashboardState, filter: string): DashboardState {
  return settled({ ...state, filter })
}

/** Shows only what needs somebody, or everything. */
export function toggleFaults(state: DashboardState): DashboardState {
  return settled({ ...state, faultsOnly: !state.faultsOnly })
}

/** Puts the cursor on the row it was on, and what is seen around the cursor. */
export function settled(state: DashboardState): DashboardState {
  const here = hereIn(state)
  if (!isList(here.place)) return state
  const rows = rowsOf(state)
  const found = here.key === undefined ? -1 : rows.findIndex(({ key }) => key === here.key)
  const index = found === -1 ? Math.max(0, Math.min(rows.length - 1, here.index)) : found
  const { body } = layoutOf(state)
  const lowest = Math.max(0, Math.min(index, rows.length - body))
  const top = Math.min(index, Math.max(here.top, index - body + 1, 0))
  return withHere(state, { ...here, key: rows[index]?.key, index, top: Math.min(top, Math.max(lowest, 0)) })
}

function withHere(state: DashboardState, here: Visit): DashboardState {
  return { ...state, visits: [...state.visits.slice(0, -1), here] }
}

function isList({ kind }: Place): boolean {
  return kind !== 'queue' && kind !== 'events' && kind !== 'finding' && kind !== 'plan'
}
