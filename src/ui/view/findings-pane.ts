import { type Findings, findingsOf } from '../model/findings.ts'
import { findingText, severityStyle } from '../model/place-text.ts'
import type { Row } from '../model/row.ts'
import { type DashboardState, hereIn } from '../model/state.ts'
import { since } from '../text/figures.ts'
import { labelled } from '../text/labelled.ts'
import { type Line, line, styled } from '../text/line.ts'
import { wrap } from '../text/wrap.ts'
import type { Column } from './table.ts'

/** A finding among the rows of a list. */
export type FindingRow = Extract<Row, { kind: 'finding' }>

/** The columns of a table of findings; what each is about is told below it, too. */
export function findingColumns(rows: readonly FindingRow[]): readonly Column<FindingRow>[] {
  const groups = new Set(rows.map(({ finding }) => finding.group))
  return [
    { head: 'ID', sort: 'name', min: 3, priority: 0, cell: ({ finding }) => ({ text: finding.id }) },
    {
      head: 'SEVERITY',
      sort: 'state',
      min: 8,
      priority: 1,
      cell: ({ finding: { severity } }) => ({ text: severity, style: severityStyle(severity) }),
    },
    ...(groups.size > 1 ? [groupColumn] : []),
    {
      head: 'SUBJECT',
      sort: 'owner',
      min: 18,
      max: 44,
      priority: 2,
      cell: ({ finding }) => ({ text: finding.subject }),
    },
    {
      head: 'EVIDENCE',
      min: 24,
      max: 300,
      prose: true,
      priority: 4,
      cell: ({ finding }) => ({ text: finding.evidence }),
    },
  ]
}

const groupColumn: Column<FindingRow> = {
  head: 'GROUP',
  min: 10,
  max: 30,
  priority: 3,
  cell: ({ finding }) => ({ text: finding.group }),
}

/** What is to be said where there is no finding to show. */
export function noFindingLines(
  state: DashboardState,
  { now, words }: { readonly now: number; readonly words: string },
) {
  const { findings, size } = state
  const { place } = hereIn(state)
  const group = 'group' in place ? place.group : undefined
  if (!findings.possible) {
    return [
      line(styled(` ${whyNobodyLooks(state)}`, 'dim')),
      ...labelled('type', `mq doctor${group === undefined ? '' : ` -g ${group}`}${words}`, size.columns),
    ]
  }
  return [
    line(findings.at === undefined ? '' : ' nothing is wrong that the doctor knows of'),
    statusLine(findings, now),
    ...unknownLines(findings, size.columns),
  ]
}

function whyNobodyLooks({ shown, ended }: DashboardState): string {
  if (shown?.source === 'relay' || ended) return 'this is a recording: the doctor has no cluster to ask'
  return 'these pictures come from the consumer alone: the doctor asks the brokers'
}

/** The finding of the cursor in full, and how the examination stands, in so many rows. */
export function findingPanel(
  state: DashboardState,
  row: Row | undefined,
  options: { readonly rows: number; readonly now: number },
): readonly Line[] {
  const { findings, size } = state
  if (options.rows < 2 || !findings.possible || row?.kind !== 'finding') return []
  const text = [...findingText(row.finding, size.columns).slice(0, options.rows - 2)]
  return [line(''), ...text, statusLine(findings, options.now)]
}

function statusLine({ looking, at, failure }: Findings, now: number): Line {
  const when = at === undefined ? '' : `examined ${since(at, now)} ago`
  const running = looking ? 'examining now' : ''
  const failed = failure === undefined ? '' : `the last examination failed: ${failure}`
  const parts = [when, running, failed].filter((part) => part !== '')
  return line(styled(` ${parts.join('; ')}`, failure === undefined ? 'dim' : 'warn'))
}

function unknownLines({ unknown }: Findings, columns: number): readonly Line[] {
  return unknown.flatMap((text) => wrap(text, columns - 2).map((part) => line(styled(` ${part}`, 'dim'))))
}

/** How many there are, for the header; `undefined` while nobody knows. */
export function findingWord({ findings }: Pick<DashboardState, 'findings'>, group: string | undefined) {
  if (findings.at === undefined) return undefined
  const list = findingsOf(findings, group)
  const errors = list.some(({ finding }) => finding.severity === 'error')
  const key = list.length === 0 ? '' : ' (f)'
  return { count: list.length, text: `findings ${list.length}${errors ? '!' : ''}${key}`, errors }
}
