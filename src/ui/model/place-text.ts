import type { PlannedRow, ResetPlan, ShownFinding, TopicPlan } from '../../core/telemetry/index.ts'
import { timeOfDay } from '../text/figures.ts'
import { labelled } from '../text/labelled.ts'
import { type Line, line, type Style, styled } from '../text/line.ts'
import { wrap } from '../text/wrap.ts'
import { scopeText } from './reset.ts'

/** All of a finding, in lines of a screen so wide. */
export function findingText(finding: ShownFinding, columns: number): readonly Line[] {
  const { id, severity, group, subject, evidence, cause, next } = finding
  return [
    line(styled(` ${id} `, 'bold'), styled(severity, severityStyle(severity)), `  ${subject} of ${group}`),
    ...labelled('evidence', evidence, columns),
    ...labelled('cause', cause, columns),
    ...labelled('next', next, columns),
  ]
}

/** How bad a finding looks. */
export function severityStyle(severity: ShownFinding['severity']): Style {
  return severity === 'error' ? 'bad' : 'warn'
}

/** What a reset would do, in lines of a screen so wide. */
export function planText({ request, at, topics }: ResetPlan, columns: number): readonly Line[] {
  return [
    ...plainly(`PLAN of a reset of ${scopeText(request)} to ${request.to}`, columns, { style: 'bold' }),
    ...plainly(`made at ${timeOfDay(at)}; nothing was changed`, columns, { style: 'dim' }),
    ...topics.flatMap((topic) => [line(''), ...topicText(topic, columns)]),
  ]
}

function topicText(plan: TopicPlan, columns: number): readonly Line[] {
  const { title, rows, notes, refused, command } = plan
  return [
    ...plainly(title, columns),
    ...(rows.length === 0 ? [] : tableText(rows)),
    ...notes.flatMap((note) => plainly(note, columns)),
    ...refused.flatMap((why, index) =>
      index === 0 ? plainly(`! ${why}`, columns, { style: 'bad' }) : plainly(why, columns, { indent: 3 }),
    ),
    ...(command === undefined ? [] : [...labelled('to do it', command, columns)]),
    ...(command === undefined && refused.length === 0 ? [line(styled(' nothing to do', 'dim'))] : []),
  ]
}

function plainly(
  text: string,
  columns: number,
  { style = 'plain', indent = 1 }: { readonly style?: Style; readonly indent?: number } = {},
): readonly Line[] {
  return wrap(text, columns - indent - 1).map((part) => line(styled(`${' '.repeat(indent)}${part}`, style)))
}

const heads = ['QUEUE', 'MIN', 'MAX', 'COMMITTED', 'TARGET', 'EFFECT'] as const

/** As wide as the longest of each column; it fits into 80, unless brokers have long names. */
function tableText(rows: readonly PlannedRow[]): readonly Line[] {
  const cells = rows.map((row) => [
    row.queue,
    String(row.min),
    String(row.max),
    row.committed === null ? '-' : String(row.committed),
    String(row.target),
  ])
  const widths = heads
    .slice(0, -1)
    .map((head, at) => Math.max(head.length, ...cells.map((row) => row[at]?.length ?? 0)))
  const padded = (row: readonly string[]): string =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ')
  return [
    line(styled(`  ${padded(heads.slice(0, -1))}  EFFECT`, 'bold')),
    ...rows.map((row, at) => line(`  ${padded(cells[at] ?? [])}  `, styled(row.text, effectStyle(row.effect)))),
  ]
}

function effectStyle(effect: PlannedRow['effect']): Style {
  switch (effect) {
    case 'NOOP':
      return 'dim'
    case 'SEED':
      return 'plain'
    case 'REPLAY':
    case 'SKIP':
      return 'warn'
    case 'EXPIRED':
      return 'bad'
  }
}
