import { compareText } from '../../core/protocol/index.ts'
import type { Column } from '../output/list.ts'
import type { AllocationItems, ClientItem, OwnedQueueItem } from './allocation-items.ts'

/** A row of the matrix: a member, or nobody. */
export interface MatrixRow {
  readonly client: ClientItem | undefined
  /** By topic: `broker-a:0-3,5`. */
  readonly cells: ReadonlyMap<string, string>
  readonly queues: number | null
}

/** What a cell says of a queue behind its number. */
export const MARKS = { shared: '!', unlocked: '?' } as const

/** Members × topics; each cell has the queues held. What nobody holds is the last row. */
export function matrixRows({ clients, queues }: Pick<AllocationItems, 'clients' | 'queues'>): readonly MatrixRow[] {
  const rows = clients.map((client): MatrixRow => {
    const own = queues.filter(({ owners }) => owners.includes(client.clientId))
    return { client, cells: cellsOf(own), queues: client.queues }
  })
  const orphans = queues.filter(({ owners }) => owners.length === 0)
  return orphans.length === 0 ? rows : [...rows, { client: undefined, cells: cellsOf(orphans), queues: orphans.length }]
}

/** The columns of the matrix, one for each topic. */
export function matrixColumns(queues: readonly OwnedQueueItem[]): readonly Column<MatrixRow>[] {
  const topics = [...new Set(queues.map(({ topic }) => topic))].sort(compareText)
  return [
    { head: 'CLIENT', value: ({ client }) => client?.clientId ?? '(nobody)' },
    { head: 'ADDRESS', value: ({ client }) => client?.addresses.join(' '), wide: true },
    { head: 'LANGUAGE', value: ({ client }) => client?.language ?? undefined },
    { head: 'VERSION', value: ({ client }) => client?.version },
    { head: 'STRATEGY', value: ({ client }) => client?.strategy ?? undefined },
    { head: 'QUEUES', value: ({ queues }) => queues ?? undefined },
    ...topics.map((topic): Column<MatrixRow> => ({ head: topic, value: ({ cells }) => cells.get(topic) })),
  ]
}

function cellsOf(queues: readonly OwnedQueueItem[]): ReadonlyMap<string, string> {
  const topics = grouped(queues, ({ topic }) => topic)
  return new Map([...topics].map(([topic, own]) => [topic, cellText(own)]))
}

/** `broker-a:0-3,5! broker-b:0`. */
function cellText(queues: readonly OwnedQueueItem[]): string {
  const brokers = grouped(queues, ({ broker }) => broker)
  return [...brokers].map(([broker, own]) => `${broker}:${rangesText(own)}`).join(' ')
}

function rangesText(queues: readonly OwnedQueueItem[]): string {
  const runs: { first: number; last: number; mark: string }[] = []
  for (const item of queues) {
    const mark = markOf(item)
    const run = runs.at(-1)
    if (run !== undefined && run.mark === mark && run.last + 1 === item.queue) run.last = item.queue
    else runs.push({ first: item.queue, last: item.queue, mark })
  }
  return runs.map(({ first, last, mark }) => `${first === last ? first : `${first}-${last}`}${mark}`).join(',')
}

function markOf({ owners, locked }: OwnedQueueItem): string {
  return `${owners.length > 1 ? MARKS.shared : ''}${owners.length > 0 && locked === false ? MARKS.unlocked : ''}`
}

function grouped(
  items: readonly OwnedQueueItem[],
  by: (item: OwnedQueueItem) => string,
): ReadonlyMap<string, readonly OwnedQueueItem[]> {
  const groups = new Map<string, OwnedQueueItem[]>()
  for (const item of items) {
    const group = groups.get(by(item)) ?? []
    group.push(item)
    groups.set(by(item), group)
  }
  return groups
}
