import { isUtf8 } from 'node:buffer'
import type { MessageExt } from '../../core/protocol/index.ts'
import { type MessageJson, messageJson } from '../message-json.ts'
import type { Column } from '../output/list.ts'
import { printable, printableLines } from '../output/printable.ts'

/** More of a body does not fit into a line of a table. */
const MAX_BODY = 60

/** A list of messages: what to see of each at a glance. */
export const messageColumns: readonly Column<MessageJson>[] = [
  { head: 'QUEUE', value: ({ broker, queue }) => `${broker}:${queue}` },
  { head: 'OFFSET', value: ({ offset }) => offset },
  { head: 'STORED', value: ({ storeTime }) => storeTime },
  { head: 'BORN', value: ({ bornTime }) => bornTime, wide: true },
  { head: 'MSGID', value: ({ msgId }) => msgId },
  { head: 'OFFSETMSGID', value: ({ offsetMsgId }) => offsetMsgId, wide: true },
  { head: 'TAGS', value: ({ tags }) => tags ?? undefined },
  { head: 'KEYS', value: ({ keys }) => (keys.length === 0 ? undefined : keys.join(' ')) },
  { head: 'RETRIES', value: ({ reconsumeTimes }) => reconsumeTimes, wide: true },
  { head: 'BODY', value: bodyStart },
]

/** The beginning of a body, in one line. */
export function bodyStart({ body, bodyBase64 }: Pick<MessageJson, 'body' | 'bodyBase64'>): string {
  const text = body ?? `base64:${bodyBase64 ?? ''}`
  const line = text.replace(/\r\n|\r|\n/g, '⏎')
  return line.length <= MAX_BODY ? line : `${line.slice(0, MAX_BODY - 1)}…`
}

/** Everything about one message, to be read. */
export function messagePage(message: MessageExt, topic: string): string {
  const shown = messageJson(message, topic)
  const { bornHost, storeHost, body } = message
  const rows: (readonly [name: string, value: string])[] = [
    ['topic', topic],
    ['queue', `${shown.broker}:${shown.queue}`],
    ['offset', String(shown.offset)],
    ['message id', shown.msgId],
    ['offset id', shown.offsetMsgId],
    ['keys', shown.keys.join(' ') || '-'],
    ['tags', shown.tags ?? '-'],
    ['born', `${shown.bornTime} at ${bornHost.ip}:${bornHost.port}`],
    ['stored', `${shown.storeTime} at ${storeHost.ip}:${storeHost.port}`],
    ['retries', String(shown.reconsumeTimes)],
    ...Object.entries(shown.properties).map(([name, value]) => ['property', `${name} = ${value}`] as const),
    ['body', isUtf8(body) ? `${body.length} bytes` : `${body.length} bytes, as Base64`],
  ]
  const lines = rows.map(([name, value]) => printable(`${name.padEnd(12)}${value}`))
  return `${lines.join('\n')}\n\n${printableLines(shown.body ?? shown.bodyBase64 ?? '')}\n`
}
