import type { Sort } from '../model/state.ts'
import { cutMiddle, fit, widthOf } from '../text/cells.ts'
import type { Glyphs } from '../text/glyphs.ts'
import { type Line, line, type Segment, type Style, styled } from '../text/line.ts'

/** One cell. */
export interface Cell {
  readonly text: string
  readonly style?: Style
}

/** One column of a table that may have to do without it. */
export interface Column<T> {
  readonly head: string
  /** What it sorts by, and so shows the arrow. */
  readonly sort?: string
  readonly align?: 'left' | 'right'
  readonly min: number
  /** Grows up to this, when there is room; then its longest value shows whole. */
  readonly max?: number
  /** What is too long loses its end, not its middle. @default false */
  readonly prose?: boolean
  /** The higher, the sooner it goes. */
  readonly priority: number
  readonly cell: (row: T, width: number) => Cell
}

/** A table as it fits. */
export interface TableOptions {
  readonly columns: number
  readonly sort: Sort | undefined
  readonly glyphs: Glyphs
  /** The row of the cursor, among those given. */
  readonly cursor: number | undefined
}

interface Placed<T> {
  readonly column: Column<T>
  readonly width: number
}

const GAP = 1
/** The sign of the cursor. */
const MARGIN = 2

/** The head and the rows of a table, each as wide as the screen at most. `all` decides how wide columns are. */
export function tableLines<T>(
  columns: readonly Column<T>[],
  rows: { readonly shown: readonly T[]; readonly all: readonly T[] },
  options: TableOptions,
): { readonly head: Line; readonly body: readonly Line[] } {
  const placed = place(columns, rows.all, options.columns)
  const head = placed.map(({ column, width }) => styled(fit(headOf(column, options), width, column.align), 'bold'))
  return {
    head: line(' '.repeat(MARGIN), ...spaced(head)),
    body: rows.shown.map((row, index) => {
      const selected = index === options.cursor
      const cells = placed.map(({ column, width }) => cellOf(column, row, width))
      const mark = selected ? `${options.glyphs.cursor} ` : ' '.repeat(MARGIN)
      return { ...line(mark, ...spaced(cells)), selected }
    }),
  }
}

function headOf<T>({ head, sort: by }: Column<T>, { sort, glyphs }: TableOptions): string {
  if (by === undefined || sort?.by !== by) return head
  return `${head}${sort.descending ? glyphs.descending : glyphs.ascending}`
}

function cellOf<T>(column: Column<T>, row: T, width: number): Segment {
  const { text, style } = column.cell(row, width)
  const short = column.max === undefined || column.prose === true ? text : cutMiddle(text, width)
  return styled(fit(short, width, column.align), style)
}

function spaced(segments: readonly Segment[]): Segment[] {
  return segments.flatMap((segment, index) => (index === 0 ? [segment] : [styled(' '.repeat(GAP)), segment]))
}

/** The columns that matter most, as many as there is room for; what is left over goes to those that can use it. */
function place<T>(columns: readonly Column<T>[], rows: readonly T[], width: number): Placed<T>[] {
  let left = width - MARGIN
  const kept = new Set<Column<T>>()
  for (const column of [...columns].sort((a, b) => a.priority - b.priority)) {
    const needs = column.min + (kept.size === 0 ? 0 : GAP)
    if (needs > left) break
    left -= needs
    kept.add(column)
  }
  return columns
    .filter((column) => kept.has(column))
    .map((column) => {
      if (column.max === undefined) return { column, width: column.min }
      const longest = rows.reduce((most, row) => Math.max(most, widthOf(column.cell(row, column.max ?? 0).text)), 0)
      const more = Math.max(0, Math.min(left, Math.min(longest, column.max) - column.min))
      left -= more
      return { column, width: column.min + more }
    })
}
