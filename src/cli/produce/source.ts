import { randomFillSync } from 'node:crypto'
import { addAbortSignal, type Readable } from 'node:stream'
import { RocketMQError, UsageError } from '../../core/errors.ts'
import type { OutgoingMessage } from '../../core/producer/index.ts'
import { abortReason } from '../../core/support/index.ts'
import { formatSize } from '../size.ts'
import { parseJsonMessage } from './json-message.ts'
import { type InputLine, LineSplitter, MAX_LINE_BYTES } from './lines.ts'
import { fromTemplate, type MessageContent, type MessageTemplate } from './template.ts'

/** How stdin is read. */
export const inputForms = ['lines', 'jsonl', 'raw'] as const

/** How stdin is read. */
export type InputForm = (typeof inputForms)[number]

/** One message of the input, or why it is none. */
export type SourcedMessage = { readonly where: string } & (
  | { readonly message: OutgoingMessage }
  | { readonly error: RocketMQError }
)

/** Messages in the order they are to be sent, as many at a time as are at hand. */
export type MessageSource = AsyncIterable<readonly SourcedMessage[]> | Iterable<readonly SourcedMessage[]>

/** Told of lines that are no message. */
export interface InputNotes {
  emptyLines: number
}

/** How many messages are made at a time when they are not read. */
const MADE_AT_A_TIME = 256

/** The same body again and again. */
export function* repeated(
  template: MessageTemplate,
  body: Buffer,
  count: number,
): Generator<readonly SourcedMessage[]> {
  const message = fromTemplate(template, { body })
  yield* made(count, () => message)
}

/** Bodies of random letters and digits. */
export function* random(
  template: MessageTemplate,
  sizeBytes: number,
  count: number,
): Generator<readonly SourcedMessage[]> {
  const letters = randomLetters(sizeBytes + 4096)
  yield* made(count, (index) => {
    const start = (index * 61) % 4096
    return fromTemplate(template, { body: letters.subarray(start, start + sizeBytes) })
  })
}

function* made(count: number, make: (index: number) => OutgoingMessage): Generator<readonly SourcedMessage[]> {
  for (let from = 0; from < count; from += MADE_AT_A_TIME) {
    const length = Math.min(MADE_AT_A_TIME, count - from)
    yield Array.from({ length }, (_, i) => ({ where: `message ${from + i + 1}`, message: make(from + i) }))
  }
}

function randomLetters(length: number): Buffer {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const bytes = randomFillSync(Buffer.allocUnsafe(length))
  for (let i = 0; i < length; i++) bytes[i] = alphabet.charCodeAt((bytes[i] ?? 0) & 63)
  return bytes
}

/** What reading stdin needs. */
export interface ReadOptions {
  readonly template: MessageTemplate
  readonly input: Readable
  /** Ends the reading; the iteration then throws its reason. */
  readonly signal: AbortSignal
  /** At most so many messages. */
  readonly limit: number
  readonly notes: InputNotes
}

/** One message a line; empty lines are counted and left out, since no broker takes an empty message. */
export async function* fromLines(
  options: ReadOptions,
  form: 'lines' | 'jsonl',
): AsyncGenerator<readonly SourcedMessage[]> {
  const { template, notes } = options
  const splitter = new LineSplitter()
  const content = form === 'lines' ? plain : (line: InputLine) => parseJsonMessage(line.bytes.toString('utf8'))
  let left = options.limit
  const messages = (lines: readonly InputLine[]): SourcedMessage[] => {
    const filled = lines.filter((line) => line.error !== undefined || line.bytes.length > 0)
    notes.emptyLines += lines.length - filled.length
    const taken = filled.slice(0, left)
    left -= taken.length
    return taken.map((line) => sourced(line, template, content))
  }
  for await (const chunk of chunks(options)) {
    yield messages(splitter.push(chunk))
    if (left <= 0) return
  }
  yield messages(splitter.end())
}

/**
 * The whole input as one message, sent `limit` times. Throws UsageError when it is empty or longer than any message may
 * be.
 */
export async function* fromWhole(options: ReadOptions): AsyncGenerator<readonly SourcedMessage[]> {
  const parts: Buffer[] = []
  let length = 0
  for await (const chunk of chunks(options)) {
    length += chunk.length
    if (length > MAX_LINE_BYTES) {
      throw new UsageError(`the input is longer than ${formatSize(MAX_LINE_BYTES)}, more than any message may have`)
    }
    parts.push(chunk)
  }
  if (length === 0) throw new UsageError('the input is empty, and so would be the message')
  yield* repeated(options.template, Buffer.concat(parts), options.limit)
}

function plain(line: InputLine): MessageContent {
  return { body: line.bytes }
}

function sourced(
  line: InputLine,
  template: MessageTemplate,
  content: (line: InputLine) => MessageContent,
): SourcedMessage {
  const where = `line ${line.line}`
  if (line.error) return { where, error: line.error }
  try {
    return { where, message: fromTemplate(template, content(line)) }
  } catch (error) {
    if (error instanceof RocketMQError) return { where, error }
    throw error
  }
}

async function* chunks({ input, signal }: ReadOptions): AsyncIterable<Buffer> {
  try {
    for await (const chunk of addAbortSignal(signal, input)) yield chunk as Buffer
  } catch (error) {
    throw signal.aborted ? abortReason(signal) : error
  }
}
