import { type GroupSnapshot, type Snapshot, shownQueues } from '../../core/telemetry/index.ts'
import { trendOf } from '../model/history.ts'
import { faultyQueues, groupAt } from '../model/rows.ts'
import { type DashboardState, hereIn } from '../model/state.ts'
import { cutMiddle } from '../text/cells.ts'
import { count, counted, mebibytes, perSecond, since, span, timeOfDay } from '../text/figures.ts'
import { type Glyphs, sparkline } from '../text/glyphs.ts'
import { fitting, type Line, line, type Piece, type Segment, styled } from '../text/line.ts'
import { findingWord } from './findings-pane.ts'

/** What a header is drawn by. */
export interface HeaderOptions {
  readonly now: number
  readonly glyphs: Glyphs
}

/** Data older than this is no picture of now. */
const STALE_MS = 10_000

/** Three lines: where we are and how old the picture is; the figures; what needs somebody. */
export function headerLines(state: DashboardState, options: HeaderOptions): Line[] {
  const { shown } = state
  if (shown === undefined) return [line(styled(' waiting for the first picture', 'dim')), line(''), line('')]
  const group = groupAt(shown, hereIn(state).place)
  return [
    titleLine(state, shown, { ...options, group }),
    group === undefined ? line(` ${counted(shown.groups.length, 'group')}`) : figuresLine(state, group, options),
    findingsLine(state, shown, group === undefined ? undefined : group.group),
  ]
}

function titleLine(
  state: DashboardState,
  shown: Snapshot,
  { now, group }: HeaderOptions & { readonly group: GroupSnapshot | undefined },
): Line {
  // What stands for any queue is none.
  const queues = group === undefined ? 0 : shownQueues(group).filter(({ queue }) => queue >= 0).length
  const who: Piece[] =
    group === undefined
      ? []
      : [
          piece(styled(`  ${cutMiddle(group.group, 40)}`, 'bold'), 0),
          piece(group.online ? styled(`  ${counted(group.clients.length, 'client')}`) : styled('  OFFLINE', 'bad'), 3),
          piece(styled(queues === 0 && group.queues.length > 0 ? '  pops' : `  ${counted(queues, 'queue')}`), 4),
        ]
  const time = timeOfDay(state.paused || state.ended ? shown.asOf : now)
  const pieces = [
    piece(styled(` ${cutMiddle(shown.cluster, 24)}`), 2),
    ...who,
    piece(styled(`  by ${shown.source}`), 6),
    piece(ageSegment(state, shown, now - shown.asOf), 1),
    piece(styled(`  ${time}`), 5),
  ]
  return line(...fitting(pieces, state.size.columns))
}

function piece(segment: Segment, priority: number): Piece {
  return { segment, priority }
}

function ageSegment({ paused, missed, ended }: DashboardState, { asOf }: Snapshot, age: number): Segment {
  if (ended) return styled('  END: no more will come', 'warn')
  if (paused) return styled(`  PAUSED at ${timeOfDay(asOf)}, +${counted(missed, 'update')}`, 'warn')
  return styled(`  data ${span(age)} old${age > STALE_MS ? ', STALE' : ''}`, age > STALE_MS ? 'bad' : 'plain')
}

function figuresLine(state: DashboardState, group: GroupSnapshot, { now, glyphs }: HeaderOptions): Line {
  const { totals } = group
  const samples = state.history.ofGroup(group.group)
  const trend = trendOf(samples)
  const arrow = { up: ` ${glyphs.up}`, down: ` ${glyphs.down}`, flat: '' }[trend]
  const spark =
    state.size.columns >= 90
      ? ` ${sparkline(
          samples.map(({ lag }) => lag),
          12,
          glyphs,
        ).trimStart()}`
      : ''
  const { rates } = totals
  const size = (totals.cachedBytes ?? 0) > 0 ? ` (${mebibytes(totals.cachedBytes)} MiB)` : ''
  const pieces = [
    piece(styled(` cached ${count(totals.cached)}`), 1),
    piece(styled(size), 8),
    piece(styled(rates === null ? '' : `  in ${perSecond(rates.in)}`), 6),
    piece(styled(rates === null ? '' : `  ok ${perSecond(rates.ok)}`), 3),
    piece(styled(rates === null || rates.failed === 0 ? '' : `  fail ${perSecond(rates.failed)}`, 'warn'), 2),
    piece(styled(`  lag ${count(totals.lag)}${arrow}`, trend === 'up' ? 'warn' : 'plain'), 0),
    piece(styled(spark, 'dim'), 9),
    piece(styled(hasBacklog(totals) ? `  oldest ${since(totals.oldestUnread, now)}` : ''), 5),
    piece(styled((totals.retryLag ?? 0) > 0 ? `  retry ${count(totals.retryLag)}` : '', 'warn'), 4),
    piece(styled((totals.dlq ?? 0) > 0 ? `  dead ${count(totals.dlq)}` : '', 'warn'), 4),
  ]
  return line(...fitting(pieces, state.size.columns))
}

function hasBacklog({ lag, oldestUnread }: GroupSnapshot['totals']): boolean {
  return lag !== 0 && oldestUnread !== null
}

/** What the doctor has found; faults by how many there are of each, and who did not answer. */
function findingsLine(state: DashboardState, { errors, groups: all }: Snapshot, group: string | undefined): Line {
  const groups = all.filter((one) => group === undefined || one.group === group)
  const states = new Map<string, number>()
  for (const { state } of groups.filter(({ online }) => online).flatMap(faultyQueues)) {
    states.set(state, (states.get(state) ?? 0) + 1)
  }
  const faults = [...states].map(([state, queues]) => `${counted(queues, 'queue')} ${state}`)
  const silent = errors.map(({ subject, message }) => (errors.length === 1 ? `${subject}: ${message}` : subject))
  const offline = groups.filter(({ online }) => !online).map(({ group }) => `${group} has no members`)
  const parts = [...faults, ...offline, ...(silent.length === 0 ? [] : [`no answer: ${silent.join(', ')}`])]
  const found = findingWord(state, group)
  const findings =
    found === undefined
      ? []
      : [styled(` ${found.text}`, found.count === 0 ? 'dim' : found.errors ? 'bad' : 'warn'), ' ']
  return parts.length === 0
    ? line(
        ...findings,
        styled(found === undefined || found.count === 0 ? ' no faults' : ' queues are all right', 'dim'),
      )
    : line(...findings, styled(` ! ${parts.join('; ')}`, 'bad'))
}
