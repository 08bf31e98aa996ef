import { UsageError } from '../../core/errors.ts'
import { parseDuration } from '../duration.ts'
import { parseTime } from './zoned-time.ts'

/** A place in a queue, as the user said it. */
export type Position =
  | { readonly kind: 'first' | 'last' | 'committed' }
  /** That very offset; `clamp`: or the nearest there still is, for one that was right once. */
  | { readonly kind: 'offset'; readonly offset: number; readonly clamp?: true }
  /** After (positive) or before the committed offset. */
  | { readonly kind: 'shift'; readonly by: number }
  /** The first message stored at or after a time, in ms since the epoch. */
  | { readonly kind: 'time'; readonly timestamp: number }
  /** Where another group has committed. */
  | { readonly kind: 'group'; readonly group: string }

/** One position for all queues, or one for each queue named (`broker-a:0`). */
export type Positions = { readonly all: Position } | { readonly perQueue: ReadonlyMap<string, Position> }

/** What the words of a position are read against. */
export interface PositionOptions {
  /** Ms since the epoch: what "ago" counts from. */
  readonly now: number
  /** Of times that name none; the local one if left out. */
  readonly timeZone?: string | undefined
}

const QUEUE_ENTRY = /^([^,=\s]+:\d+)=(.*)$/s
const MAX_AGO_MS = 36_525 * 86_400_000

/**
 * Reads a position, or a list with one for each queue: `broker-a:0=1200,broker-a:1=first`, where a bare number is an
 * offset. Throws {@link UsageError} saying what was read, with two valid examples.
 */
export function parsePositions(text: string, options: PositionOptions): Positions {
  const given = text.trim()
  if (!QUEUE_ENTRY.test(given)) return { all: parsePosition(given, options) }
  const perQueue = new Map<string, Position>()
  for (const entry of given.split(/,\s*(?=[^,=\s]+:\d+=)/)) {
    const [, queue = '', position = ''] = QUEUE_ENTRY.exec(entry) ?? []
    if (perQueue.has(queue)) throw new UsageError(`'${given}' names the queue ${queue} twice`)
    perQueue.set(queue, /^\d+$/.test(position) ? offsetPosition(position) : parsePosition(position, options))
  }
  return { perQueue }
}

/** Reads one position of the grammar. Throws {@link UsageError} saying what was read, with two valid examples. */
export function parsePosition(text: string, options: PositionOptions): Position {
  const given = text.trim()
  const [first = ''] = given
  switch (given.toLowerCase()) {
    case 'first':
    case 'earliest':
      return { kind: 'first' }
    case 'last':
    case 'latest':
      return { kind: 'last' }
    case 'committed':
      return { kind: 'committed' }
  }
  if (first === '=') return offsetPosition(given.slice(1))
  if (first === '@') return groupPosition(given)
  if (/^[+-]\d+$/.test(given)) return { kind: 'shift', by: safeInteger(given, 'a shift') }
  if (/^-|\sago$/i.test(given)) return agoPosition(given, options)
  if (given.startsWith('file:')) {
    throw new UsageError(`'${given}' is a snapshot of offsets; only a command that writes offsets can read one`, {
      suggestions: ['for example first or 2h ago'],
    })
  }
  if (/^\d+$/.test(given)) return epochPosition(given)
  const timestamp = timeOf(given, options)
  if (timestamp === undefined) throw notAPosition(given, 'it is no form of a position', 'first', '2h ago')
  return { kind: 'time', timestamp }
}

function offsetPosition(digits: string): Position {
  if (!/^\d+$/.test(digits)) throw notAPosition(`=${digits}`, 'an offset has digits only', '=0', '=1200')
  return { kind: 'offset', offset: safeInteger(digits, 'an offset') }
}

function groupPosition(given: string): Position {
  const group = given.slice(1)
  if (group === '') throw notAPosition(given, 'read as the offsets of a group, it names none', '@payments', 'committed')
  return { kind: 'group', group }
}

function agoPosition(given: string, options: PositionOptions): Position {
  const span = given.replace(/^-/, '').replace(/\s+ago$/i, '')
  try {
    return { kind: 'time', timestamp: options.now - parseDuration(span, MAX_AGO_MS) }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    throw notAPosition(given, `read as a time before now, ${error.message}`, '-2h', '1d3h ago', error)
  }
}

/** Seconds have ten digits from 2001 to 2286, milliseconds thirteen. */
function epochPosition(given: string): Position {
  if (given.length === 10) return { kind: 'time', timestamp: Number(given) * 1000 }
  if (given.length === 13) return { kind: 'time', timestamp: Number(given) }
  const why = 'a bare number is a time, in seconds (10 digits) or milliseconds (13 digits) since 1970'
  throw notAPosition(given, why, `=${given.slice(0, 15)} for the offset`, '1732070400')
}

function timeOf(given: string, options: PositionOptions): number | undefined {
  try {
    return parseTime(given, options.timeZone)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    throw notAPosition(
      given,
      `read as a time, ${error.message}`,
      '2026-11-20T10:00:00+08:00',
      '2026-11-20 10:00',
      error,
    )
  }
}

function safeInteger(digits: string, what: string): number {
  const value = Number(digits)
  if (Number.isSafeInteger(value)) return value
  throw notAPosition(digits, `read as ${what}, it is too large`, '=1200', '+100')
}

function notAPosition(given: string, why: string, ...more: readonly [string, string, Error?]): UsageError {
  const [example, other, cause] = more
  return new UsageError(`'${given}' is not a position: ${why}; write for example ${example} or ${other}`, { cause })
}
