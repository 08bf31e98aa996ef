import { trendOf } from '../model/history.ts'
import { layoutOf } from '../model/layout.ts'
import { findingText, planText } from '../model/place-text.ts'
import type { QueueRow, Row } from '../model/row.ts'
import { groupAt, rowsOf } from '../model/rows.ts'
import { type DashboardState, hereIn, isTooSmall, type Place } from '../model/state.ts'
import type { Glyphs } from '../text/glyphs.ts'
import { type Line, line, styled } from '../text/line.ts'
import { eventLine, eventPanel } from './events.ts'
import { type FindingRow, findingColumns, findingPanel, noFindingLines } from './findings-pane.ts'
import { footerLine } from './footer.ts'
import { headerLines } from './header.ts'
import { helpLines } from './help.ts'
import { clientColumns, groupColumns } from './other-tables.ts'
import { promptPanel } from './prompt.ts'
import { queueDetail } from './queue-detail.ts'
import { queueColumns } from './queue-table.ts'
import { type Column, tableLines } from './table.ts'

/** What a screen is drawn by, beside its state. */
export interface ViewOptions {
  readonly now: number
  readonly glyphs: Glyphs
  readonly connectionWords: string
}

/** The parts of a screen, from top to bottom. */
export interface ScreenView {
  readonly header: readonly Line[]
  /** As many as there is room for. */
  readonly body: readonly Line[]
  /** Below the body. */
  readonly panels: readonly Line[]
  readonly footer: Line
}

/** Everything there is to see: pure. */
export function screenView(state: DashboardState, options: ViewOptions): ScreenView {
  if (isTooSmall(state.size)) return tooSmall(state)
  const layout = layoutOf(state)
  const rows = rowsOf(state)
  const { body, all } = bodyOf(state, rows, { ...options, height: layout.body })
  return {
    header: headerLines(state, options),
    body,
    panels: [
      ...clientPanel(state, layout.clients, options),
      ...eventPanel(state.changes, layout.events),
      ...findingPanel(state, rows[hereIn(state).index], { rows: layout.detail, now: options.now }),
      ...(state.prompt === undefined ? [] : promptPanel(state.prompt, layout.columns)),
    ],
    footer: footerLine(state, { shown: rows.length, all }),
  }
}

function tooSmall({ size: { columns, rows }, missed }: DashboardState): ScreenView {
  const text = `${columns}x${rows} is too small: 60x12 at least, please`
  const more = missed > 0 ? ` (+${missed})` : ''
  return { header: [], body: [line(text + more)], panels: [], footer: line(styled('q quit', 'dim')) }
}

function bodyOf(
  state: DashboardState,
  rows: readonly Row[],
  options: ViewOptions & { readonly height: number },
): { readonly body: readonly Line[]; readonly all: number } {
  const { place, top } = hereIn(state)
  // A list has one row more, for its head.
  const height = options.height + 1
  if (state.help) return { body: helpLines().slice(0, height), all: 0 }
  const text = textOf(state, place, options)
  if (text !== undefined) return { body: scrolled(text, top, height), all: 0 }
  if (place.kind === 'events') {
    const log = state.changes.toReversed().map(eventLine)
    const none = line(styled('  nothing has changed since we look', 'dim'))
    return {
      body: [line(styled(' EVENTS', 'bold')), ...scrolled(log.length === 0 ? [none] : log, top, height - 1)],
      all: 0,
    }
  }
  return { body: listLines(state, rows, options), all: rowsOf({ ...state, filter: '', faultsOnly: false }).length }
}

/** What a place says that has no list. */
function textOf(state: DashboardState, place: Place, options: ViewOptions): readonly Line[] | undefined {
  switch (place.kind) {
    case 'queue':
      return queueText(state, place, options)
    case 'plan':
      return planText(place.plan, state.size.columns)
    case 'finding':
      return findingText(place.finding, state.size.columns)
    default:
      return undefined
  }
}

function queueText(state: DashboardState, place: Extract<Place, { kind: 'queue' }>, options: ViewOptions): Line[] {
  const title = line(styled(` ${place.queue}`, 'bold'), ' of ', styled(place.group, 'bold'))
  return [title, ...queueDetail(state, place, options)]
}

function scrolled(lines: readonly Line[], top: number, height: number): readonly Line[] {
  const from = Math.max(0, Math.min(top, lines.length - height))
  return lines.slice(from, from + height)
}

function listLines(
  state: DashboardState,
  rows: readonly Row[],
  options: ViewOptions & { readonly height: number },
): readonly Line[] {
  const { top, index } = hereIn(state)
  if (rows.length === 0) return emptyLines(state, options)
  const window = rows.slice(top, top + options.height)
  const { sort, size } = state
  const table = { columns: size.columns, sort, glyphs: options.glyphs, cursor: index - top }
  const draw = <T extends Row>(columns: readonly Column<T>[], all: readonly T[]): readonly Line[] => {
    const shown = all.slice(top, top + options.height)
    const { head, body } = tableLines(columns, { shown, all }, table)
    return [head, ...body]
  }
  switch (window[0]?.kind) {
    case 'queue':
      return draw(columnsOfQueues(state, rows.filter(isQueue), options), rows.filter(isQueue))
    case 'client':
      return draw(clientColumns(options.now), rows.filter(isClient))
    case 'finding':
      return draw(findingColumns(rows.filter(isFinding)), rows.filter(isFinding))
    case 'group':
    case undefined:
      return draw(groupColumns(options.now), rows.filter(isGroup))
  }
}

function emptyLines(state: DashboardState, { now, connectionWords }: ViewOptions): readonly Line[] {
  const isFiltered = state.filter !== '' || state.faultsOnly
  if (hereIn(state).place.kind === 'findings' && !isFiltered)
    return noFindingLines(state, { now, words: connectionWords })
  return [line(styled(` ${whyEmpty(state)}`, 'dim'))]
}

function whyEmpty({ filter, faultsOnly, shown }: DashboardState): string {
  if (filter !== '') return `nothing matches ${filter}`
  if (faultsOnly) return 'nothing needs anybody'
  return shown === undefined ? '' : 'nothing to show'
}

function columnsOfQueues(state: DashboardState, rows: readonly QueueRow[], { now, glyphs }: ViewOptions) {
  const { place } = hereIn(state)
  const group = 'group' in place ? (place.group ?? '') : ''
  const trend = (key: string) => trendOf(state.history.ofQueue(group, key))
  return queueColumns({ rows, now, wide: state.wide, glyphs, trend })
}

/** The members below the queues, those with the most to do first. */
function clientPanel(state: DashboardState, rows: number, { now, glyphs }: ViewOptions): readonly Line[] {
  const group = groupAt(state.shown, hereIn(state).place)
  if (rows < 3 || group === undefined) return []
  const clients = [...group.clients]
    .sort((a, b) => Number(b.error !== null) - Number(a.error !== null) || (b.cached ?? 0) - (a.cached ?? 0))
    .slice(0, rows - 1)
    .map((client) => ({ kind: 'client' as const, key: client.clientId, client }))
  const table = { columns: state.size.columns, sort: undefined, glyphs, cursor: undefined }
  const { head, body } = tableLines(clientColumns(now), { shown: clients, all: clients }, table)
  return [head, ...body]
}

function isQueue(row: Row): row is QueueRow {
  return row.kind === 'queue'
}

function isClient(row: Row): row is Extract<Row, { kind: 'client' }> {
  return row.kind === 'client'
}

function isFinding(row: Row): row is FindingRow {
  return row.kind === 'finding'
}

function isGroup(row: Row): row is Extract<Row, { kind: 'group' }> {
  return row.kind === 'group'
}
