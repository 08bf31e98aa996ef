import type { MessageExt } from '../../core/protocol/index.ts'
import { ExitCode } from '../error-report.ts'
import { messageJson } from '../message-json.ts'
import { type ListFormat, listFormats } from '../output/list.ts'
import { printList } from '../output/print-list.ts'
import { printableLines } from '../output/printable.ts'
import { stdoutWriter, writeBytes } from '../stdout.ts'
import { type LookUpRequest, lookUp, type MessageParts } from './look-up.ts'
import { messageColumns, messagePage } from './message-list.ts'

/** How messages that were looked up can be shown: as a page each, as a list, or as the bytes of their bodies. */
export const messageForms = ['detail', ...listFormats, 'raw'] as const
export type MessageForm = (typeof messageForms)[number]

/** What to show of which messages. */
export interface GetMessagesRequest extends LookUpRequest {
  /** @default a page on a terminal, a table there of what a key finds, JSON lines in a pipe */
  readonly form: MessageForm | undefined
}

/** Shows the messages a user names. Resolves to the exit code: 6 when somebody did not answer. */
export async function getMessages(request: GetMessagesRequest, parts: MessageParts): Promise<number> {
  const { context, connection } = parts
  const found = await lookUp(request, parts)
  const topicOf = (topic: string): string => connection.userName(topic)
  const errors = found.errors.map(({ source, error }) => ({ source, message: error.message }))
  const form = request.form ?? defaultForm(request, parts)
  if (form === 'detail' || form === 'raw') {
    if (form === 'raw') await writeBodies(found.messages, parts)
    else {
      const pages = found.messages.map((message) => messagePage(message, topicOf(message.storedTopic)))
      await stdoutWriter().write(pages.join('\n'))
    }
    for (const { source, message } of errors) context.say(`not complete: ${source}: ${message}`)
  } else {
    const items = found.messages.map((message) => messageJson(message, topicOf(message.storedTopic)))
    await printList({ name: 'messages', items, columns: messageColumns, errors }, form, context)
  }
  if (found.messages.length > 1) context.say(`${found.messages.length} messages`)
  return errors.length > 0 ? ExitCode.PARTIAL : ExitCode.DONE
}

function defaultForm({ name }: GetMessagesRequest, { context }: MessageParts): 'detail' | ListFormat {
  if (!context.terminal.stdout) return 'jsonl'
  return name.by === 'key' ? 'table' : 'detail'
}

/** As they are, a line feed between two; a terminal gets nothing that could move its cursor. */
async function writeBodies(messages: readonly MessageExt[], { context }: MessageParts): Promise<void> {
  const bodies = messages.flatMap(({ body }, index) => (index === 0 ? [body] : [Buffer.from('\n'), body]))
  const bytes = Buffer.concat(bodies)
  if (context.terminal.stdout) await stdoutWriter().write(`${printableLines(bytes.toString())}\n`)
  else await writeBytes(bytes)
}
