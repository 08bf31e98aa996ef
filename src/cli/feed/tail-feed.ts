import { RocketMQError } from '../../core/errors.ts'
import type { TelemetryEvent, TelemetryEventType } from '../../core/telemetry/index.ts'
import type { CommandContext } from '../command-context.ts'
import { jsonLine } from '../output/json.ts'
import { printable } from '../output/printable.ts'
import { stdoutWriter } from '../stdout.ts'
import { chooseFeed } from './choose-feed.ts'
import { eventLine, snapshotLines } from './feed-lines.ts'
import { FeedSource } from './feed-source.ts'
import type { SourceItem } from './source.ts'

/** Forms of `mq feed tail -o`. */
export const tailForms = ['line', 'jsonl'] as const

/** What is to be shown of a feed. */
export interface TailRequest {
  /** A process or client id; `undefined`: the only one there is. */
  readonly feed: string | undefined
  readonly form: (typeof tailForms)[number]
  readonly rate: number
  readonly events: readonly TelemetryEventType[]
  /** Ends after so many snapshots. */
  readonly count: number | undefined
}

/**
 * Writes what a feed tells, until it ends or the command does. A JSON line is a Snapshot or an event as it is: what has a
 * `type` is an event.
 */
export async function tailFeed(request: TailRequest, context: CommandContext): Promise<void> {
  const feed = chooseFeed(request.feed, context.env)
  const { clock } = context
  const enough = new AbortController()
  const signal = AbortSignal.any([context.signal, enough.signal])
  const source = new FeedSource({ feed, clock, rate: request.rate, events: request.events, signal })
  let snapshots = 0
  try {
    for await (const item of source) {
      const text = textOf(item, request.form)
      if (text !== '') await stdoutWriter().write(text)
      tell(item, context)
      if (item.type === 'snapshot' && ++snapshots === request.count) return
    }
  } finally {
    enough.abort(new DOMException('there is enough', 'AbortError'))
  }
  if (context.deadline.signal.aborted) throw timeIsOver(context.deadline.signal)
  if (!context.signal.aborted) context.say(`the consumer ${feed.pid} has ended`)
}

function textOf(item: SourceItem, form: TailRequest['form']): string {
  if (item.type !== 'snapshot' && item.type !== 'event') return ''
  const value = item.type === 'snapshot' ? item.snapshot : item.event
  if (form === 'jsonl') return `${jsonLine(value)}\n`
  const lines = item.type === 'snapshot' ? snapshotLines(item.snapshot) : [eventLine(value as TelemetryEvent)]
  return lines.map((line) => `${printable(line)}\n`).join('')
}

function tell(item: SourceItem, context: CommandContext): void {
  if (item.type === 'lost') context.say(`the feed is lost: ${item.reason}; trying again`)
  if (item.type === 'found') context.say('the feed is there again')
  if (item.type === 'dropped') context.say(`${item.events} events were left out: there were too many`)
}

function timeIsOver({ reason }: AbortSignal): Error {
  return reason instanceof Error ? reason : new RocketMQError('TIMEOUT', 'the time is over')
}
