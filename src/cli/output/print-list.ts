import type { CommandContext } from '../command-context.ts'
import { stdoutWriter } from '../stdout.ts'
import { type ListFormat, type ListResult, listText } from './list.ts'

/** Writes a list to stdout, and who did not answer to stderr. */
export async function printList<T>(list: ListResult<T>, format: ListFormat, context: CommandContext): Promise<void> {
  const text = await listText(list, format, context)
  const empty = list.items.length === 0 && (format === 'table' || format === 'wide')
  if (empty) context.say(`no ${list.name}`)
  else if (text !== '') await stdoutWriter().write(text)
  for (const { source, message } of list.errors ?? []) context.say(`not complete: ${source}: ${message}`)
}
