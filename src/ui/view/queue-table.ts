import { isFaulty, type QueueSnapshot, type QueueState } from '../../core/telemetry/index.ts'
import type { QueueRow } from '../model/row.ts'
import { count, mebibytes, since } from '../text/figures.ts'
import { bar, type Glyphs } from '../text/glyphs.ts'
import type { Style } from '../text/line.ts'
import type { Column } from './table.ts'

/** What a table of queues is drawn by. */
export interface QueueColumnOptions {
  readonly rows: readonly QueueRow[]
  readonly now: number
  readonly wide: boolean
  readonly glyphs: Glyphs
  readonly trend: (key: string) => 'up' | 'down' | 'flat'
}

const BAR = 8

/** The columns of a table of queues: those that have nothing to tell of this group are left out. */
export function queueColumns(options: QueueColumnOptions): Column<QueueRow>[] {
  const { rows, wide } = options
  const topics = new Set(rows.map(({ queue }) => queue.topic))
  return [
    ...(topics.size > 1 ? [topicColumn] : []),
    queueColumn(rows),
    clientColumn,
    cachedColumn(options),
    sizeColumn,
    spanColumn,
    ...(wide && rows.some(({ queue }) => queue.inflight !== null) ? [inflightColumn] : []),
    lagColumn(options),
    ageColumn(options),
    headColumn(options),
    ...(rows.some(({ queue }) => queue.locked !== null) ? [lockColumn] : []),
    ...(wide ? [pullColumn(options), committedColumn, limitColumn] : []),
    stateColumn,
  ]
}

/** How a state looks. */
export function stateStyle(state: QueueState): Style {
  switch (state) {
    case 'OK':
      return 'good'
    case 'BUSY':
    case 'FLOW':
    case 'PAUSED':
      return 'warn'
    case 'UNKNOWN':
      return 'dim'
    case 'BLOCK':
    case 'STALL':
    case 'NOLOCK':
    case 'NOOWNER':
    case 'TWOOWNERS':
      return 'bad'
  }
}

/** A use of a limit as a style: from 60 % on it shows, from 90 % on it presses. */
export function pressureStyle(used: number): Style {
  return used >= 0.9 ? 'bad' : used >= 0.6 ? 'warn' : 'plain'
}

/** Several owners, or none, in a word: where several may read a queue, how many do. */
function ownersText({ owners, state }: Pick<QueueSnapshot, 'owners' | 'state'>): string {
  if (owners.length > 1 && state !== 'TWOOWNERS') return `${owners.length} members`
  return owners.length === 0 ? '-' : owners.join(' & ')
}

/** Its number on its broker; who pops from any of them has no number. */
function queueText({ broker, queue }: Pick<QueueSnapshot, 'broker' | 'queue'>): string {
  return `${broker}:${queue === -1 ? 'any' : queue}`
}

const topicColumn: Column<QueueRow> = {
  head: 'TOPIC',
  sort: 'name',
  min: 10,
  max: 40,
  priority: 3,
  cell: ({ queue }) => ({ text: queue.topic }),
}

function queueColumn(rows: readonly QueueRow[]): Column<QueueRow> {
  const longest = rows.reduce((most, { queue }) => Math.max(most, queueText(queue).length), 0)
  return {
    head: 'QUEUE',
    sort: 'name',
    min: Math.max(10, Math.min(14, longest)),
    max: 40,
    priority: 0,
    cell: ({ queue }) => ({ text: queueText(queue) }),
  }
}

const clientColumn: Column<QueueRow> = {
  head: 'CLIENT',
  sort: 'owner',
  min: 12,
  max: 48,
  priority: 6,
  cell: ({ queue }) => ({
    text: ownersText(queue),
    ...(isFaulty(queue.state) && queue.owners.length !== 1 ? { style: 'bad' } : {}),
  }),
}

/** The bar is the limit that will bite first; the figure is the messages. */
function cachedColumn({ glyphs }: QueueColumnOptions): Column<QueueRow> {
  return {
    head: 'CACHED',
    sort: 'cached',
    min: BAR + 7,
    priority: 4,
    cell: ({ queue: { cached, pressure } }) => {
      const used = pressure?.used ?? 0
      const drawn = pressure === null ? ' '.repeat(BAR) : bar(used, BAR, glyphs)
      return { text: `${drawn}${count(cached).padStart(7)}`, style: pressureStyle(used) }
    },
  }
}

const sizeColumn: Column<QueueRow> = {
  head: 'MIB',
  sort: 'size',
  align: 'right',
  min: 6,
  priority: 10,
  cell: ({ queue }) => ({ text: mebibytes(queue.cachedBytes) }),
}

const spanColumn: Column<QueueRow> = {
  head: 'SPAN',
  align: 'right',
  min: 7,
  priority: 9,
  cell: ({ queue }) => ({ text: count(queue.span) }),
}

const inflightColumn: Column<QueueRow> = {
  head: 'INFL',
  align: 'right',
  min: 6,
  priority: 11,
  cell: ({ queue }) => ({ text: count(queue.inflight) }),
}

function lagColumn({ glyphs, trend }: QueueColumnOptions): Column<QueueRow> {
  return {
    head: 'LAG',
    sort: 'lag',
    align: 'right',
    min: 8,
    priority: 2,
    cell: ({ key, queue }) => {
      const arrow = { up: glyphs.up, down: glyphs.down, flat: ' ' }[trend(key)]
      return { text: `${count(queue.lag)}${arrow}`, style: arrow === glyphs.up ? 'warn' : 'plain' }
    },
  }
}

function ageColumn({ now }: QueueColumnOptions): Column<QueueRow> {
  return {
    head: 'AGE',
    sort: 'age',
    align: 'right',
    min: 6,
    priority: 5,
    cell: ({ queue }) => ({ text: queue.lag === 0 ? '-' : since(queue.oldestUnread, now) }),
  }
}

function headColumn({ now }: QueueColumnOptions): Column<QueueRow> {
  return {
    head: 'HEAD',
    align: 'right',
    min: 6,
    priority: 8,
    cell: ({ queue }) => ({ text: since(queue.headSince, now) }),
  }
}

const lockColumn: Column<QueueRow> = {
  head: 'LOCK',
  min: 4,
  priority: 7,
  cell: ({ queue: { locked } }) => ({
    text: locked === null ? '-' : locked ? 'yes' : 'no',
    style: locked === false ? 'bad' : 'plain',
  }),
}

function pullColumn({ now }: QueueColumnOptions): Column<QueueRow> {
  return {
    head: 'PULL',
    align: 'right',
    min: 6,
    priority: 12,
    cell: ({ queue }) => ({ text: since(queue.lastPull, now) }),
  }
}

const committedColumn: Column<QueueRow> = {
  head: 'COMMITTED',
  align: 'right',
  min: 11,
  priority: 13,
  cell: ({ queue }) => ({ text: count(queue.committed) }),
}

const limitColumn: Column<QueueRow> = {
  head: 'LIMIT',
  sort: 'pressure',
  align: 'right',
  min: 10,
  priority: 14,
  cell: ({ queue: { pressure } }) =>
    pressure === null
      ? { text: '-' }
      : { text: `${Math.round(pressure.used * 100)}% ${pressure.limit}`, style: pressureStyle(pressure.used) },
}

const stateColumn: Column<QueueRow> = {
  head: 'STATE',
  sort: 'state',
  min: 9,
  priority: 1,
  cell: ({ queue }) => ({ text: queue.state, style: stateStyle(queue.state) }),
}
