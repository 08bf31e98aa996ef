import { NotFoundError, RefusedError, UsageError } from '../../core/errors.ts'
import { type MessageQueue, queueName } from '../../core/protocol/index.ts'
import type { Position, Positions } from './position.ts'

/** Who knows the bounds of queues, what was committed, and where a time lies; see `QueueOffsets`. */
export interface OffsetSource {
  min(queue: MessageQueue): Promise<number>
  max(queue: MessageQueue): Promise<number>
  search(queue: MessageQueue, timestamp: number): Promise<number>
  committed(group: string, queue: MessageQueue): Promise<number | undefined>
}

/** Where a position lies in one queue. */
export interface ResolvedPosition {
  readonly queue: MessageQueue
  readonly min: number
  readonly max: number
  /** Within `[min, max]`. */
  readonly offset: number
  /** What a time or a shift came to before it was brought into the bounds, if it had to be. */
  readonly clampedFrom: number | undefined
}

/** What positions are resolved with. */
export interface ResolveOptions {
  readonly offsets: OffsetSource
  /** Whose committed offsets `committed` and shifts mean; `undefined`: there is no group, and they are refused. */
  readonly group: string | undefined
  /** Other groups as the cluster calls them. */
  readonly wireName: (group: string) => string
}

/**
 * Resolves positions for queues, all at once. With a list, queues it does not name are left out. Rejects with RefusedError when an
 * absolute offset is outside the bounds of any queue or a committed offset is missing, with NotFoundError when a list
 * names a queue that is not there.
 */
export async function resolvePositions(
  positions: Positions,
  queues: readonly MessageQueue[],
  options: ResolveOptions,
): Promise<ResolvedPosition[]> {
  const wanted = 'all' in positions ? queues.map((queue) => [queue, positions.all] as const) : listed(positions, queues)
  return Promise.all(wanted.map(([queue, position]) => resolvePosition(position, queue, options)))
}

function listed(
  positions: { readonly perQueue: ReadonlyMap<string, Position> },
  queues: readonly MessageQueue[],
): (readonly [MessageQueue, Position])[] {
  const byName = new Map(queues.map((queue) => [queueName(queue), queue]))
  return [...positions.perQueue].map(([name, position]) => {
    const queue = byName.get(name)
    if (queue === undefined) throw noSuchQueue(name, queues)
    return [queue, position] as const
  })
}

/** The error for a queue that a topic does not have; names some that it has. */
export function noSuchQueue(name: string, queues: readonly MessageQueue[]): NotFoundError {
  const [first] = queues
  const some = queues.slice(0, 8).map(queueName).join(', ')
  const message = `there is no queue ${name}${first === undefined ? '' : ` in topic ${first.topic}`}`
  return new NotFoundError('queue', name, message, {
    suggestions: some === '' ? [] : [`its queues are ${some}${queues.length > 8 ? ', …' : ''}`],
  })
}

/** Resolves one position for one queue; see {@link resolvePositions}. */
async function resolvePosition(
  position: Position,
  queue: MessageQueue,
  options: ResolveOptions,
): Promise<ResolvedPosition> {
  const [min, max] = await Promise.all([options.offsets.min(queue), options.offsets.max(queue)])
  const at = (offset: number): ResolvedPosition => {
    const within = Math.min(Math.max(offset, min), max)
    return { queue, min, max, offset: within, clampedFrom: within === offset ? undefined : offset }
  }
  switch (position.kind) {
    case 'first':
      return at(min)
    case 'last':
      return at(max)
    case 'offset':
      if (position.clamp !== true && (position.offset < min || position.offset > max)) {
        throw outside(position.offset, queue, { min, max })
      }
      return at(position.offset)
    case 'time':
      return at(await options.offsets.search(queue, position.timestamp))
    case 'committed':
      return at(await committed(groupOf(options, position), queue, { min, max, options }))
    case 'shift':
      return at((await committed(groupOf(options, position), queue, { min, max, options })) + position.by)
    case 'group':
      return at(await committed(options.wireName(position.group), queue, { min, max, options }))
  }
}

function outside(offset: number, queue: MessageQueue, bounds: { min: number; max: number }): RefusedError {
  return new RefusedError(
    `offset ${offset} is outside ${queueName(queue)} of ${queue.topic}, which goes from ${bounds.min} to ${bounds.max}`,
    { suggestions: ['write first or last for its ends, or name each queue: broker-a:0=1200,broker-a:1=first'] },
  )
}

function groupOf(options: ResolveOptions, position: Position): string {
  if (options.group !== undefined) return options.group
  const what = position.kind === 'shift' ? 'a shift counts from the committed offset of a group' : 'a group commits'
  throw new UsageError(`${what}, and no group is named`, { suggestions: ['add -g GROUP, or write @GROUP or -2h'] })
}

async function committed(
  group: string,
  queue: MessageQueue,
  parts: { readonly min: number; readonly max: number; readonly options: ResolveOptions },
): Promise<number> {
  const offset = await parts.options.offsets.committed(group, queue)
  if (offset !== undefined) return offset
  // Nothing was ever there to be consumed.
  if (parts.min === parts.max) return parts.max
  throw new RefusedError(`group ${group} has no committed offset in ${queueName(queue)} of ${queue.topic}`, {
    suggestions: ['name each queue: broker-a:0=1200,broker-a:1=first'],
  })
}

/** What was done to a position that lay outside its queue, for people; `undefined` when nothing was. */
export function describeClamp(resolved: ResolvedPosition): string | undefined {
  const { queue, min, max, offset, clampedFrom } = resolved
  if (clampedFrom === undefined) return undefined
  const side = clampedFrom < min ? `before its first offset ${min}` : `after its end ${max}`
  return `${queueName(queue)}: ${clampedFrom} lies ${side}; taking ${offset}`
}
