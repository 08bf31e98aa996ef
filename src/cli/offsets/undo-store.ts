import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { NotFoundError } from '../../core/errors.ts'
import type { CommandContext } from '../command-context.ts'
import { jsonDocument } from '../output/json.ts'
import { stateDirectory } from '../state-directory.ts'
import { readSnapshot, type Snapshot } from './snapshot.ts'

type Environment = CommandContext['env']

/** Keeps a snapshot of what is about to be changed; resolves to its id and file. It is there before anything changes. */
export function saveUndo(snapshot: Snapshot, env: Environment): { readonly id: string; readonly file: string } {
  const folder = undoFolder(env)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const taken = new Set(undoIds(env))
  const [group] = snapshot.groups
  const stamp = snapshot.takenAt.replace(/[-:.Z]/g, '').replace('T', '-')
  const name = `${stamp}-${(group?.group ?? 'nothing').replace(/[^\w-]/g, '_').slice(0, 60)}`
  let id = name
  for (let n = 2; taken.has(id); n++) id = `${name}-${n}`
  const file = fileOf(id, env)
  const unfinished = `${file}.${process.pid}.tmp`
  writeFileSync(unfinished, `${jsonDocument(snapshot)}\n`, { mode: 0o600 })
  renameSync(unfinished, file)
  return { id, file }
}

/** The snapshot of an id, or of the newest one. Throws NotFoundError when there is none. */
export function readUndo(
  id: string | undefined,
  env: Environment,
): { readonly id: string; readonly snapshot: Snapshot } {
  const ids = undoIds(env)
  const wanted = id ?? ids.at(-1)
  if (wanted === undefined) {
    throw new NotFoundError('snapshot', undoFolder(env), `there is nothing to undo: no snapshot in ${undoFolder(env)}`)
  }
  if (!ids.includes(wanted)) {
    const suggestions = ids.length === 0 ? [] : [`there is ${ids.slice(-5).reverse().join(', ')}`]
    throw new NotFoundError('snapshot', wanted, `there is no snapshot ${wanted} to undo`, { suggestions })
  }
  return { id: wanted, snapshot: readSnapshot(fileOf(wanted, env)) }
}

/** All ids, the oldest first. */
export function undoIds(env: Environment): string[] {
  let names: string[]
  try {
    names = readdirSync(undoFolder(env))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
  return names
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort(byAge)
}

/** Ids of one second are numbered: `…-billing`, `…-billing-2`, …, `…-billing-10`. */
function byAge(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true })
}

function undoFolder(env: Environment): string {
  return path.join(stateDirectory(env), 'offsets-undo')
}

function fileOf(id: string, env: Environment): string {
  return path.join(undoFolder(env), `${id}.json`)
}
