import { formatDuration } from '../duration.ts'
import { jsonLine } from '../output/json.ts'
import { formatSize } from '../size.ts'
import type { SentMessage } from './sender.ts'
import type { InputNotes } from './source.ts'
import type { Tally } from './tally.ts'

/** What a summary is made of. */
export interface SummaryParts {
  readonly topic: string
  readonly tally: Tally
  readonly notes: InputNotes
  readonly elapsedMs: number
  readonly oneway: boolean
}

/** A sent message as a line of JSON; what is not known of a one-way message is null. */
export function sentLine({ msgId, queue, queueOffset }: SentMessage): string {
  const where = { broker: queue?.brokerName ?? null, queue: queue?.queueId ?? null, offset: queueOffset ?? null }
  return `${jsonLine({ msgId, ...where })}\n`
}

/** What was done, in a line for people. */
export function summaryText({ topic, tally, notes, elapsedMs, oneway }: SummaryParts): string {
  const { sent, bytes, failed, unsure } = tally
  const parts = [
    `sent ${countOf(sent, 'message')} (${formatSize(bytes)}) to ${topic} in ${formatDuration(elapsedMs)}${rateText(sent, elapsedMs)}`,
    ...(failed > 0 ? [`${grouped(failed)} not sent`] : []),
    ...(unsure > 0 ? [`${grouped(unsure)} stored, but not yet on disk or on a replica when the broker answered`] : []),
    ...(notes.emptyLines > 0 ? [`${countOf(notes.emptyLines, 'empty line')} left out`] : []),
    ...(oneway ? ['one-way: whether they arrived is not known'] : []),
  ]
  return parts.join('; ')
}

/** What was done, for programs. */
export function summaryFields({ topic, tally, notes, elapsedMs }: SummaryParts): Readonly<Record<string, unknown>> {
  const { sent, bytes, failed } = tally
  const seconds = Math.round(elapsedMs) / 1000
  const errors = tally.failures.map(({ where, error }) => ({ source: where, message: error.message }))
  const counts = { sent, failed, bytes, emptyLines: notes.emptyLines, seconds, rate: rate(sent, elapsedMs) }
  return { topic, ...counts, partial: failed > 0, errors }
}

/** How far it is, while it lasts. */
export function progressText({ tally, elapsedMs }: Pick<SummaryParts, 'tally' | 'elapsedMs'>): string {
  const failed = tally.failed > 0 ? `, ${grouped(tally.failed)} not sent` : ''
  return `sent ${grouped(tally.sent)}${rateText(tally.sent, elapsedMs)}${failed}`
}

function rateText(sent: number, elapsedMs: number): string {
  return sent > 1 ? `, ${grouped(rate(sent, elapsedMs))}/s` : ''
}

function rate(sent: number, elapsedMs: number): number {
  return Math.round(sent / Math.max(0.001, elapsedMs / 1000))
}

function countOf(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`
}

function grouped(count: number): string {
  return count.toLocaleString('en-US')
}
