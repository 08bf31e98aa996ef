import type { CommandContext } from '../command-context.ts'
import { type Column, type ListFormat, listText, type PartialError } from '../output/list.ts'
import { printList } from '../output/print-list.ts'
import { stdoutWriter } from '../stdout.ts'
import type { MoveItem, PlannedClientItem, PlannedItems } from './planned-items.ts'

const clientColumns: readonly Column<PlannedClientItem>[] = [
  { head: 'CLIENT', value: ({ clientId }) => clientId },
  { head: 'CHANGE', value: ({ change }) => change },
  { head: 'QUEUES-NOW', value: ({ queuesNow }) => queuesNow },
  { head: 'QUEUES', value: ({ queues }) => queues },
  { head: 'LAG-NOW', value: ({ lagNow }) => lagNow },
  { head: 'LAG', value: ({ lag }) => lag },
]

const moveColumns: readonly Column<MoveItem>[] = [
  { head: 'TOPIC', value: ({ topic }) => topic },
  { head: 'QUEUE', value: ({ broker, queue }) => `${broker}:${queue}` },
  { head: 'EFFECT', value: ({ effect }) => effect },
  { head: 'FROM', value: ({ from }) => from.join(' ') || undefined },
  { head: 'TO', value: ({ to }) => to.join(' ') || undefined },
  { head: 'LAG', value: ({ lag }) => lag ?? undefined },
  { head: 'CACHED', value: ({ cached }) => cached },
]

/** How a plan is written. */
interface PlanHead {
  readonly group: string
  readonly strategy: string
  readonly errors: readonly PartialError[]
  readonly format: ListFormat
}

/** Writes a plan: members, then queues that move; in lines the latter only. The sum goes to stderr. */
export async function printPlan(
  { clients, moves, totals }: PlannedItems,
  { group, strategy, errors, format }: PlanHead,
  context: CommandContext,
): Promise<void> {
  if (format === 'table' || format === 'wide') {
    await stdoutWriter().write(
      await listText({ name: 'clients', items: clients, columns: clientColumns }, format, context),
    )
    if (moves.length > 0) {
      const text = await listText({ name: 'moves', items: moves, columns: moveColumns }, format, context)
      await stdoutWriter().write(`\n${text}`)
    }
    for (const { source, message } of errors) context.say(`not complete: ${source}: ${message}`)
    const { queues, moved, min, max, idle, deliveredTwice } = totals
    const spread = min === max ? `${min} each` : `${min} to ${max} each`
    context.say(
      `${strategy}: ${moved} of ${queues} queues move, ${spread}; at most ${deliveredTwice} messages come twice`,
    )
    if (idle.length > 0) context.say(`idle: ${idle.join(', ')}`)
    return
  }
  const more = { group, strategy, clients, totals }
  await printList({ name: 'moves', items: moves, columns: moveColumns, errors, more }, format, context)
}
