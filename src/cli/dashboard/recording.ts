import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { StorageError, UsageError } from '../../core/errors.ts'
import type { Clock } from '../../core/support/index.ts'
import type { Snapshot } from '../../core/telemetry/index.ts'
import { jsonLine } from '../output/json.ts'
import { slept } from './slept.ts'

/** Passes snapshots on and writes each to a file, a JSON line each, before it goes on. */
export async function* recorded(snapshots: AsyncIterable<Snapshot>, file: string): AsyncGenerator<Snapshot> {
  const target = stored(file, () => openSync(file, 'w'))
  try {
    for await (const snapshot of snapshots) {
      stored(file, () => writeSync(target, `${jsonLine(snapshot)}\n`))
      yield snapshot
    }
  } finally {
    closeSync(target)
  }
}

function stored<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    throw new StorageError(`cannot record to ${file}: ${reason(cause)}`, { cause })
  }
}

/** Reads a recording. Throws UsageError for a file that is none, naming the line. */
export function readRecording(file: string): Snapshot[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new UsageError(`cannot read ${file}: ${reason(cause)}`, { cause })
  }
  const lines = text.split('\n').map((line, index) => ({ line, number: index + 1 }))
  const snapshots = lines
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, number }, index, all) => readSnapshot(line, `${file}, line ${number}`, index === all.length - 1))
    .filter((snapshot) => snapshot !== undefined)
  if (snapshots.length === 0) throw new UsageError(`${file} has no snapshot in it`)
  return snapshots
}

/** The last line may be cut: whoever recorded may have been killed. */
function readSnapshot(line: string, where: string, isLast: boolean): Snapshot | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (cause) {
    if (isLast) return undefined
    throw new UsageError(`${where}: this is no JSON`, { cause })
  }
  if (!isSnapshot(value)) {
    throw new UsageError(`${where}: this is no snapshot of version 1`, {
      suggestions: ['record one with mq dashboard --record FILE'],
    })
  }
  return value
}

/** What is drawn of must be there; the rest is taken as told. */
function isSnapshot(value: unknown): value is Snapshot {
  if (!isRecord(value) || value['schemaVersion'] !== 1 || typeof value['asOf'] !== 'number') return false
  const { groups, errors } = value
  if (!Array.isArray(errors) || !Array.isArray(groups)) return false
  return groups.every(
    (group: unknown) =>
      isRecord(group) &&
      typeof group['group'] === 'string' &&
      isRecord(group['totals']) &&
      isListOfRecords(group['clients']) &&
      isListOfRecords(group['queues']) &&
      group['queues'].every(({ owners }) => Array.isArray(owners)),
  )
}

function isListOfRecords(value: unknown): value is Record<string, unknown>[] {
  return Array.isArray(value) && value.every(isRecord)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

/** Nobody waits for longer, whatever pause was recorded. */
const LONGEST_PAUSE_MS = 5000

/** The snapshots of a recording as they came, with the pauses there were; without a clock all at once. */
export async function* replayed(
  snapshots: readonly Snapshot[],
  pace: { readonly clock: Clock; readonly signal: AbortSignal } | undefined,
): AsyncGenerator<Snapshot> {
  let last: Snapshot | undefined
  for (const snapshot of snapshots) {
    const pauseMs = last === undefined ? 0 : Math.max(0, snapshot.asOf - last.asOf)
    if (pace !== undefined && !(await slept(Math.min(LONGEST_PAUSE_MS, pauseMs), pace))) return
    last = snapshot
    yield snapshot
  }
}
