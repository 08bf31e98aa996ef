import { type QueueSnapshot, queueId, type Snapshot, stateSentence } from '../../core/telemetry/index.ts'
import { groupAt } from '../model/rows.ts'
import type { DashboardState, Place } from '../model/state.ts'
import { count, mebibytes, since } from '../text/figures.ts'
import { bar, type Glyphs, sparkline } from '../text/glyphs.ts'
import { type Line, line, type Segment, styled } from '../text/line.ts'
import { eventLine } from './events.ts'
import { pressureStyle, stateStyle } from './queue-table.ts'

const MIB = 1024 * 1024
const LABEL = 14

/** All that is known of one queue, its recent past, and what happened to it. */
export function queueDetail(
  state: DashboardState,
  place: Extract<Place, { kind: 'queue' }>,
  options: { readonly now: number; readonly glyphs: Glyphs; readonly connectionWords: string },
): Line[] {
  const queue = groupAt(state.shown, place)?.queues.find((one) => queueId(one) === place.queue)
  if (queue === undefined) return [line(styled(' nobody tells of this queue any more', 'dim'))]
  const events = state.changes.filter(({ group, queues }) => group === place.group && queues.includes(place.queue))
  return [
    ...factLines(queue, options.now),
    ...limitLines(queue, state.shown, { ...options, group: place.group }),
    ...pastLines(state, place, options.glyphs),
    ...headLines(queue, options.connectionWords),
    line(''),
    line(styled(' EVENTS', 'bold')),
    ...(events.length === 0 ? [line(styled('  nothing since we look', 'dim'))] : events.toReversed().map(eventLine)),
  ]
}

function fact(label: string, ...value: readonly (string | Segment)[]): Line {
  return line(styled(` ${label.padEnd(LABEL)}`, 'dim'), ...value)
}

function factLines(queue: QueueSnapshot, now: number): Line[] {
  const { state } = queue
  return [
    fact('state', styled(state, stateStyle(state)), ` ${stateSentence(state)}`),
    fact(
      'owner',
      queue.owners.length === 0 ? '-' : queue.owners.join(queue.state === 'TWOOWNERS' ? ' & ' : ', '),
      ...(queue.locked === null ? [] : [queue.locked ? ', has the lock' : ', WITHOUT the lock']),
    ),
    fact(
      'offsets',
      `min ${count(queue.min)}  committed ${count(queue.committed)}  head ${count(queue.headOffset)}  max ${count(queue.max)}`,
    ),
    fact('lag', `${count(queue.lag)}, oldest unread ${queue.lag === 0 ? '-' : since(queue.oldestUnread, now)}`),
    fact(
      'head',
      queue.headOffset === null
        ? noHead(queue)
        : `offset ${count(queue.headOffset)} for ${since(queue.headSince, now)}`,
      queue.inflight === null ? '' : `, ${count(queue.inflight)} in listeners`,
    ),
    fact('last', `pull ${since(queue.lastPull, now)} ago, consumed ${since(queue.lastConsume, now)} ago`),
    ...(queue.latency === null
      ? []
      : [
          fact(
            'calls',
            `p50 ${count(queue.latency.p50)} ms  p95 ${count(queue.latency.p95)} ms  p99 ${count(queue.latency.p99)} ms  max ${count(queue.latency.max)} ms`,
          ),
        ]),
    ...(queue.toldAt === undefined
      ? []
      : [fact('offsets are', styled(`${since(queue.toldAt, now)} old: the broker does not answer`, 'bad'))]),
  ]
}

/** Who pops tells no offsets. */
function noHead({ cached, owners }: QueueSnapshot): string {
  if (cached === 0) return 'nothing is unfinished'
  return owners.length === 0 ? 'nobody holds it' : 'who pops does not tell it'
}

function limitLines(
  queue: QueueSnapshot,
  shown: Snapshot | undefined,
  { glyphs, group }: { readonly glyphs: Glyphs; readonly group: string },
): Line[] {
  const owner = shown?.groups
    .find((one) => one.group === group)
    ?.clients.find(({ clientId }) => clientId === queue.owners[0])
  const limits = owner?.limits
  if (limits === undefined || limits === null) return [fact('limits', 'its owner does not tell')]
  const row = (label: string, value: number | null, limit: number | null, text: string): Line[] => {
    if (value === null || limit === null || limit <= 0) return []
    const used = value / limit
    return [
      fact(label, styled(`${bar(used, 20, glyphs)} ${Math.round(used * 100)}%`.padEnd(27), pressureStyle(used)), text),
    ]
  }
  return [
    ...row('messages', queue.cached, limits.count, `${count(queue.cached)} of ${count(limits.count)}`),
    ...row(
      'bytes',
      queue.cachedBytes,
      limits.bytes,
      `${mebibytes(queue.cachedBytes)} of ${count(limits.bytes / MIB)} MiB`,
    ),
    ...row('span', queue.span, limits.span, `${count(queue.span)} of ${count(limits.span)}`),
  ]
}

function pastLines(state: DashboardState, place: Extract<Place, { kind: 'queue' }>, glyphs: Glyphs): Line[] {
  const samples = state.history.ofQueue(place.group, place.queue)
  const width = Math.max(10, Math.min(120, state.size.columns - LABEL - 12))
  const values = { lag: samples.map(({ lag }) => lag), cached: samples.map(({ cached }) => cached) }
  const row = (label: string, past: readonly number[]): Line =>
    fact(label, `${sparkline(past, Math.min(width, past.length), glyphs)} max ${count(Math.max(0, ...past))}`)
  return [row('lag was', values.lag), row('cached was', values.cached)]
}

function headLines(queue: QueueSnapshot, connectionWords: string): Line[] {
  if (queue.headOffset === null) return []
  const place = `${queue.broker}:${queue.queue}:${queue.headOffset}`
  return [fact('see the head', `mq messages get ${queue.topic} ${place}${connectionWords}`)]
}
