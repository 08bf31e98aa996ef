import { isUtf8 } from 'node:buffer'
import type { MessageExt } from '../../core/protocol/index.ts'
import { messageJson } from '../message-json.ts'
import { printable, printableLines } from '../output/printable.ts'
import { compileFormat } from './message-format.ts'

/** How messages can be shown; `none` only counts them. */
export const outputForms = ['line', 'json', 'jsonl', 'raw', 'none'] as const
export type OutputForm = (typeof outputForms)[number]

/** How a message becomes text, and what its characters are when it is written. */
export interface MessageOutput {
  /** `latin1`: each character is one byte. */
  readonly encoding: 'utf8' | 'latin1'
  /** One message, its line feed included. Throws ProtocolError for a body that cannot be decompressed. */
  format(message: MessageExt): string
}

/** What decides about the form. */
export interface MessageOutputOptions {
  readonly form: Exclude<OutputForm, 'none'>
  /** Wins over the form. */
  readonly format: string | undefined
  /** A person reads it: control characters are replaced, JSON is indented with `json`. */
  readonly terminal: boolean
  /** A topic as the user calls it. */
  readonly userName: (topic: string) => string
}

/** Builds the text of messages. Throws UsageError for a bad `--format`. */
export function messageOutput(options: MessageOutputOptions): MessageOutput {
  const { terminal, userName } = options
  const topicOf = (message: MessageExt): string => userName(message.topic)
  if (options.format !== undefined) return bytes(compileFormat(options.format, topicOf), terminal)
  switch (options.form) {
    case 'raw':
      return bytes((message) => `${message.body.toString('latin1')}\n`, terminal)
    case 'line':
      return { encoding: 'utf8', format: messageLine }
    case 'json':
    case 'jsonl':
      return { encoding: 'utf8', format: jsonFormat(topicOf, options) }
  }
}

/** Exact bytes for programs; for a terminal as text, without what could move its cursor. */
function bytes(format: (message: MessageExt) => string, terminal: boolean): MessageOutput {
  if (!terminal) return { encoding: 'latin1', format }
  return { encoding: 'utf8', format: (message) => printableLines(Buffer.from(format(message), 'latin1').toString()) }
}

function jsonFormat(
  topicOf: (message: MessageExt) => string,
  options: MessageOutputOptions,
): (message: MessageExt) => string {
  const indent = options.terminal && options.form === 'json' ? 2 : undefined
  const text = (message: MessageExt): string =>
    `${JSON.stringify(messageJson(message, topicOf(message)), undefined, indent)}\n`
  // JSON leaves DEL, C1 and bidirectional marks as they are.
  return options.terminal ? (message) => printableLines(text(message)) : text
}

/** `broker-a:0@1200 2026-11-20T10:00:00.000Z [tag] (key) body`, always one line. */
function messageLine(message: MessageExt): string {
  const { body, tags, keys, reconsumeTimes } = message
  const words = [
    `${message.brokerName}:${message.queueId}@${message.queueOffset}`,
    new Date(message.storeTimestamp).toISOString(),
    ...(tags === undefined ? [] : [`[${tags}]`]),
    ...(keys.length === 0 ? [] : [`(${keys.join(' ')})`]),
    ...(reconsumeTimes === 0 ? [] : [`retry=${reconsumeTimes}`]),
    isUtf8(body) ? body.toString('utf8') : `base64:${body.toString('base64')}`,
  ]
  return `${printable(words.join(' ').replace(/\r\n|\r|\n/g, '⏎'))}\n`
}
