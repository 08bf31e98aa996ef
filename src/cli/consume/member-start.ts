import type { ConsumeFromWhere } from '../../core/consumer/index.ts'
import { UsageError } from '../../core/errors.ts'
import { type MessageQueue, queueKey } from '../../core/protocol/index.ts'
import type { Positions } from '../position/position.ts'
import { describeClamp, type ResolvedPosition, resolvePositions } from '../position/resolve.ts'
import { commitStarts } from './commit-starts.ts'
import type { ConsumeRun } from './consume-run.ts'

/** Where a group begins in queues it has not committed in. */
export interface MemberStart {
  readonly consumeFromWhere: ConsumeFromWhere
  /** As Java clients have it, unless the user has said where to begin. */
  readonly setZeroIfNotFound: boolean
  /** Keys of queues in which this command has committed the start itself. */
  readonly begun: ReadonlySet<string>
}

const none: ReadonlySet<string> = new Set()

/** Reads `--from` for a group. Rejects with UsageError, RefusedError or NotFoundError when that cannot be a start. */
export async function memberStart(run: ConsumeRun): Promise<MemberStart> {
  const { from } = run.settings
  const kind = from !== undefined && 'all' in from ? from.all.kind : undefined
  if (from === undefined || kind === 'committed') {
    return { consumeFromWhere: { from: 'last' }, setZeroIfNotFound: true, begun: none }
  }
  if (kind === 'first') return { consumeFromWhere: { from: 'first' }, setZeroIfNotFound: false, begun: none }
  if (kind === 'shift') {
    throw new UsageError('--from says where to begin without a committed offset, and a shift counts from one')
  }
  const offsetOf = await startIn(from, run)
  // A broadcasting member commits nothing at a broker.
  const begun = run.settings.flags.broadcast ? none : await commitStarts(offsetOf, run)
  // Never by `timestamp`: a retry topic would begin at its end then, and lose what was not consumed yet.
  return { consumeFromWhere: { from: 'offset', offsetOf }, setZeroIfNotFound: false, begun }
}

/** Queues that a list does not name begin at their end, queues that appear later at their beginning. */
async function startIn(from: Positions, run: ConsumeRun): Promise<(queue: MessageQueue) => Promise<number>> {
  const { queueOffsets } = run.connection.client
  if ('all' in from && from.all.kind === 'time') {
    const { timestamp } = from.all
    return (queue) => queueOffsets.search(queue, timestamp)
  }
  const known = new Set(run.route.subscribeQueues.map(queueKey))
  const isLast = 'all' in from && from.all.kind === 'last'
  const resolved = isLast ? new Map<string, ResolvedPosition>() : await resolveAndTell(from, run)
  return (queue) => {
    const offset = resolved.get(queueKey(queue))?.offset
    if (offset !== undefined) return Promise.resolve(offset)
    return known.has(queueKey(queue)) ? queueOffsets.max(queue) : queueOffsets.min(queue)
  }
}

/** Where positions lie in the queues there are now, by queue key; says on stderr what had to be brought into bounds. */
export async function resolveAndTell(
  positions: Positions,
  run: Pick<ConsumeRun, 'settings' | 'connection' | 'context' | 'route'>,
  queues: readonly MessageQueue[] = run.route.subscribeQueues,
): Promise<ReadonlyMap<string, ResolvedPosition>> {
  const { connection, context, settings } = run
  const { group } = settings.flags
  const resolved = await resolvePositions(positions, queues, {
    offsets: connection.client.queueOffsets,
    group: group === undefined ? undefined : connection.wireName(group),
    wireName: (name) => connection.wireName(name),
  })
  for (const one of resolved) {
    const clamp = describeClamp(one)
    if (clamp !== undefined) context.say(clamp)
  }
  return new Map(resolved.map((one) => [queueKey(one.queue), one]))
}
