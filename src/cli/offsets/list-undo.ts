import type { CommandContext } from '../command-context.ts'
import type { ListFormat } from '../output/list.ts'
import { printList } from '../output/print-list.ts'
import { readUndo, undoIds } from './undo-store.ts'

/** Writes what can be undone, the newest first. */
export async function listUndo(format: ListFormat, context: CommandContext): Promise<void> {
  const items = undoIds(context.env)
    .reverse()
    .map((id) => {
      const { takenAt, reason, groups } = readUndo(id, context.env).snapshot
      const queues = groups.reduce((sum, group) => sum + group.queues.length, 0)
      return { id, takenAt, reason, queues }
    })
  const columns = [
    { head: 'ID', value: ({ id }: Undo) => id },
    { head: 'TAKEN', value: ({ takenAt }: Undo) => takenAt },
    { head: 'QUEUES', value: ({ queues }: Undo) => queues },
    { head: 'REASON', value: ({ reason }: Undo) => reason },
  ]
  await printList({ name: 'snapshots', items, columns }, format, context)
}

interface Undo {
  readonly id: string
  readonly takenAt: string
  readonly reason: string
  readonly queues: number
}
