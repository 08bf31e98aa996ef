import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import { ExitCode } from '../error-report.ts'
import type { Column, ListFormat } from '../output/list.ts'
import { printList } from '../output/print-list.ts'
import { type AllocationItems, allocationItems, type OwnedQueueItem } from './allocation-items.ts'
import { MARKS, matrixColumns, matrixRows } from './allocation-matrix.ts'
import { allocationNotes, allocationOf, partialErrors, type WantedAllocation } from './survey-group.ts'

/** What to show. */
export interface ShowAllocationRequest extends WantedAllocation {
  readonly format: ListFormat
}

/** For `-o csv`: a queue a line. */
const queueColumns: readonly Column<OwnedQueueItem>[] = [
  { head: 'TOPIC', value: ({ topic }) => topic },
  { head: 'BROKER', value: ({ broker }) => broker },
  { head: 'QUEUE', value: ({ queue }) => queue },
  { head: 'OWNERS', value: ({ owners }) => owners.join(' ') },
  { head: 'LOCKED', value: ({ locked }) => locked ?? undefined },
]

/** Writes who holds which queue. Resolves to the exit code: 6 when somebody did not answer. */
export async function showAllocation(
  request: ShowAllocationRequest,
  parts: { readonly context: CommandContext; readonly connection: Connection },
): Promise<number> {
  const { context, connection } = parts
  const { group, format } = request
  const survey = await allocationOf(request, parts)
  const { clients, queues, skew } = allocationItems(survey, (name) => connection.userName(name))
  const errors = partialErrors(survey)
  const asTable = format === 'table' || format === 'wide'
  if (asTable) {
    const rows = matrixRows({ clients, queues })
    await printList({ name: 'clients', items: rows, columns: matrixColumns(queues), errors }, format, context)
  } else {
    const more = { group, clients, skew }
    await printList({ name: 'queues', items: queues, columns: queueColumns, errors, more }, format, context)
  }
  for (const line of allocationNotes(survey, group)) context.say(line)
  if (asTable && clients.length > 0) for (const line of sumLines({ clients, queues, skew })) context.say(line)
  return errors.length > 0 ? ExitCode.PARTIAL : ExitCode.DONE
}

function sumLines({ clients, queues, skew }: AllocationItems): string[] {
  const { min, max, idle, unowned } = skew
  const spread = min === null || max === null ? '' : `, ${min === max ? min : `${min} to ${max}`} queues each`
  const lines = [`${clients.length} clients, ${queues.length} queues${spread}`]
  if (idle.length > 0) lines.push(`idle: ${idle.join(', ')}`)
  if (unowned > 0) lines.push(`${unowned} queues are held by nobody that tells so`)
  if (queues.some(({ owners }) => owners.length > 1)) lines.push(`${MARKS.shared} held by several members`)
  const unlocked = queues.some(({ owners, locked }) => owners.length > 0 && locked === false)
  if (unlocked) lines.push(`${MARKS.unlocked} held without the broker's lock`)
  return lines
}
