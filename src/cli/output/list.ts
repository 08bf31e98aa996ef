import type { CommandContext } from '../command-context.ts'
import { csvLines } from './csv.ts'
import { jsonDocument, jsonLine } from './json.ts'
import { tableText } from './table.ts'

/** What `-o` of a list takes. */
export const listFormats = ['table', 'wide', 'json', 'jsonl', 'yaml', 'csv'] as const

/** How a list is written. */
export type ListFormat = (typeof listFormats)[number]

/** One column of a list. */
export interface Column<T> {
  readonly head: string
  readonly value: (item: T) => string | number | boolean | undefined
  /** Only in `-o wide` and `-o csv`. */
  readonly wide?: boolean
}

/** A list as a command has it. */
export interface ListResult<T> {
  /** The name of the items in JSON, e.g. `topics`. */
  readonly name: string
  /** Each as JSON shows it. */
  readonly items: readonly T[]
  readonly columns: readonly Column<T>[]
  /** Who did not answer, and why; the list is then not whole. */
  readonly errors?: readonly PartialError[]
  /** More members of the JSON document. */
  readonly more?: Readonly<Record<string, unknown>>
}

/** A part of a result that is missing. */
export interface PartialError {
  /** The broker or name server. */
  readonly source: string
  readonly message: string
}

/** The version of every JSON document: fields may be added to it, never changed. */
const SCHEMA_VERSION = 1

/** The format of a list: what was asked for, else a table on a terminal and JSON lines in a pipe. */
export function listFormat(
  flags: { readonly output: ListFormat | undefined; readonly json: boolean },
  context: Pick<CommandContext, 'terminal'>,
): ListFormat {
  if (flags.json) return 'json'
  return flags.output ?? (context.terminal.stdout ? 'table' : 'jsonl')
}

/** The members that every JSON document begins with. */
export function documentHead(context: Pick<CommandContext, 'clock'>): { schemaVersion: number; asOf: string } {
  return { schemaVersion: SCHEMA_VERSION, asOf: new Date(context.clock.now()).toISOString() }
}

/** A list as text of the format given. */
export async function listText<T>(
  list: ListResult<T>,
  format: ListFormat,
  context: Pick<CommandContext, 'clock' | 'terminal'>,
): Promise<string> {
  switch (format) {
    case 'json':
      return `${jsonDocument(document(list, context))}\n`
    case 'yaml': {
      const { stringify } = await import('yaml')
      return stringify(document(list, context))
    }
    case 'jsonl':
      return list.items.map((item) => `${jsonLine(item)}\n`).join('')
    case 'csv':
      return csvLines(
        list.columns.map((column) => column.head.toLowerCase()),
        cells(list.items, list.columns, ''),
      )
    case 'table':
    case 'wide': {
      const columns = list.columns.filter((column) => format === 'wide' || column.wide !== true)
      const rows = cells(list.items, columns, '-')
      return tableText(columns.map(tableColumn(list.items)), rows, { color: context.terminal.color })
    }
  }
}

function document<T>(list: ListResult<T>, context: Pick<CommandContext, 'clock'>): Record<string, unknown> {
  const errors = list.errors ?? []
  return { ...documentHead(context), [list.name]: list.items, ...list.more, partial: errors.length > 0, errors }
}

function cells<T>(items: readonly T[], columns: readonly Column<T>[], unknown: string): string[][] {
  return items.map((item) => columns.map((column) => String(column.value(item) ?? unknown)))
}

function tableColumn<T>(items: readonly T[]): (column: Column<T>) => { head: string; align: 'left' | 'right' } {
  return ({ head, value }) => {
    const numeric = items.length > 0 && items.every((item) => ['number', 'undefined'].includes(typeof value(item)))
    return { head, align: numeric ? 'right' : 'left' }
  }
}
