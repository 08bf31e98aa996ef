import { readFileSync } from 'node:fs'
import { UsageError } from '../../core/errors.ts'

/** One queue of a snapshot. */
export interface SnapshotQueue {
  readonly topic: string
  readonly broker: string
  readonly queue: number
  /** Where the group was to go on; `null`: nothing was committed. */
  readonly offset: number | null
  readonly min: number | null
  readonly max: number | null
  /** When the message at the offset was stored; `null` at the end of a queue, or where it was not asked. */
  readonly storeTime: string | null
}

/** The committed offsets of one group. */
export interface SnapshotGroup {
  readonly group: string
  readonly queues: readonly SnapshotQueue[]
}

/** Committed offsets at some time: docs/offsets-snapshot.md. */
export interface Snapshot {
  readonly schemaVersion: 1
  readonly kind: 'offsets-snapshot'
  readonly takenAt: string
  readonly nameServers: readonly string[]
  /** What it was taken for. */
  readonly reason: string
  readonly groups: readonly SnapshotGroup[]
}

/** A snapshot with its unchanging members filled in. */
export function makeSnapshot(parts: Pick<Snapshot, 'takenAt' | 'nameServers' | 'reason' | 'groups'>): Snapshot {
  return { schemaVersion: 1, kind: 'offsets-snapshot', ...parts }
}

/** Reads the file a user named. Throws UsageError for one that cannot be read or is no snapshot. */
export function readSnapshot(file: string): Snapshot {
  return parseSnapshot(readJsonFile(file), file)
}

/** Reads JSON from a file. Throws UsageError. */
export function readJsonFile(file: string): unknown {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : 'it cannot be read'
    throw new UsageError(`cannot read ${file} (${why})`, { cause })
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new UsageError(`${file} is not JSON`, { cause })
  }
}

/** Checks that a value is a snapshot this version can read. Throws UsageError naming what is wrong where. */
function parseSnapshot(value: unknown, file: string): Snapshot {
  const members = objectAt(value, file)
  const { reason } = members
  if (members['kind'] !== 'offsets-snapshot') {
    throw new UsageError(`${file} is not a snapshot of offsets`, { suggestions: ['mq offsets export writes one'] })
  }
  if (members['schemaVersion'] !== 1) {
    throw new UsageError(
      `${file} is a snapshot of version ${String(members['schemaVersion'])}; this mq reads version 1`,
    )
  }
  const groups = listAt(members['groups'], `${file}: groups`).map((group, index) => {
    const at = `${file}: groups[${index}]`
    const { group: name, queues } = objectAt(group, at)
    return {
      group: textAt(name, `${at}.group`),
      queues: listAt(queues, `${at}.queues`).map((queue, i) => parseQueue(queue, `${at}.queues[${i}]`)),
    }
  })
  const nameServers = listAt(members['nameServers'] ?? [], `${file}: nameServers`).map(String)
  const takenAt = textAt(members['takenAt'], `${file}: takenAt`)
  if (Number.isNaN(Date.parse(takenAt))) throw new UsageError(`${file}: takenAt is no time`)
  return makeSnapshot({ takenAt, nameServers, reason: typeof reason === 'string' ? reason : '', groups })
}

function parseQueue(value: unknown, at: string): SnapshotQueue {
  const { topic, broker, queue, offset, min, max, storeTime } = objectAt(value, at)
  const time = isNothing(storeTime) ? null : textAt(storeTime, `${at}.storeTime`)
  if (time !== null && Number.isNaN(Date.parse(time))) throw new UsageError(`${at}.storeTime is no time`)
  return {
    topic: textAt(topic, `${at}.topic`),
    broker: textAt(broker, `${at}.broker`),
    queue: numberAt(queue, `${at}.queue`),
    offset: isNothing(offset) ? null : numberAt(offset, `${at}.offset`),
    min: isNothing(min) ? null : numberAt(min, `${at}.min`),
    max: isNothing(max) ? null : numberAt(max, `${at}.max`),
    storeTime: time,
  }
}

function isNothing(value: unknown): value is null | undefined {
  return value === null || value === undefined
}

/** The members of an object, without a prototype to be fooled by. */
export function objectAt(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new UsageError(`${at} is no object`)
  return Object.assign(Object.create(null), value) as Readonly<Record<string, unknown>>
}

/** A list. */
export function listAt(value: unknown, at: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new UsageError(`${at} is no list`)
  return value as readonly unknown[]
}

/** A text that says something. */
export function textAt(value: unknown, at: string): string {
  if (typeof value !== 'string' || value === '') throw new UsageError(`${at} is no text`)
  return value
}

/** A whole number that is not negative. */
export function numberAt(value: unknown, at: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new UsageError(`${at} is no whole number of 0 or more`)
  }
  return value
}
