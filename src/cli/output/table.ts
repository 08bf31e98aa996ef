import { printable } from './printable.ts'

/** Nothing is drawn but two spaces between columns, so that a table can be cut, sorted and pasted. */
const noBorders = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
    ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'],
  ].map((part) => [part, '']),
)

/** A column of a table: its head, and the side its cells lean to. */
export interface TableColumn {
  readonly head: string
  readonly align: 'left' | 'right'
}

/** Lines of a table. Control characters in cells are made visible; cli-table3 is never let colour anything. */
export async function tableText(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  options: { readonly color: boolean },
): Promise<string> {
  const { default: Table } = await import('cli-table3')
  const bold = options.color ? new (await import('chalk')).Chalk({ level: 1 }).bold : undefined
  const table = new Table({
    head: columns.map((column) => (bold === undefined ? column.head : bold(column.head))),
    colAligns: columns.map((column) => column.align),
    chars: { ...noBorders, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  table.push(...rows.map((row) => row.map(printable)))
  return `${table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')}\n`
}
