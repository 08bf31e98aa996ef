import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { StorageError } from '../../core/errors.ts'
import type { CommandContext } from '../command-context.ts'
import { jsonLine } from '../output/json.ts'
import { isOurs, openRunDirectory, runDirectory } from './run-directory.ts'

/** How a feed is reached. */
export type FeedAddress =
  | { readonly kind: 'socket'; readonly path: string }
  /** Only with the token. */
  | { readonly kind: 'tcp'; readonly port: number; readonly token: string }

/** A running feed, as its file tells it. */
export interface FeedEntry {
  readonly proto: number
  readonly app: string
  readonly pid: number
  readonly clientId: string
  readonly group: string
  readonly topic: string
  readonly startedAt: number
  readonly address: FeedAddress
}

/** No Unix knows longer paths of sockets everywhere (`sun_path`). */
const MAX_SOCKET_PATH = 103

/** Where the socket of this process is to be. Throws StorageError for a folder that cannot be used. */
export function socketPath(env: CommandContext['env'], pid: number): string {
  const file = path.join(openRunDirectory(env), `${pid}.sock`)
  if (Buffer.byteLength(file) > MAX_SOCKET_PATH) {
    throw new StorageError(`${file} is too long for a socket`, {
      suggestions: ['name a shorter folder with MQ_STATE_DIR', 'serve the feed at a port: --feed=0'],
    })
  }
  // Of a process that had the same number; a socket that is served is never there, as this one is ours.
  rmSync(file, { force: true })
  return file
}

/** Lets others of this user find a feed, until the returned function is called. */
export function announce(entry: FeedEntry, env: CommandContext['env']): () => void {
  const file = path.join(openRunDirectory(env), `${entry.pid}.json`)
  const unfinished = `${file}.tmp`
  rmSync(unfinished, { force: true })
  writeFileSync(unfinished, `${jsonLine(entry)}\n`, { mode: 0o600, flag: 'wx' })
  renameSync(unfinished, file)
  return () => {
    rmSync(file, { force: true })
  }
}

/** The feeds of this user that run, the oldest first; what others have left behind is removed. */
export function runningFeeds(env: CommandContext['env']): FeedEntry[] {
  const folder = runDirectory(env)
  if (!isOurs(folder, 'folder')) return []
  return readdirSync(folder)
    .filter((name) => /^\d{1,10}\.json$/.test(name))
    .flatMap((name) => readEntry(folder, name) ?? [])
    .sort((a, b) => a.startedAt - b.startedAt || a.pid - b.pid)
}

function readEntry(folder: string, name: string): FeedEntry | undefined {
  const file = path.join(folder, name)
  const pid = Number(name.slice(0, -'.json'.length))
  if (!isAlive(pid)) {
    rmSync(file, { force: true })
    rmSync(path.join(folder, `${pid}.sock`), { force: true })
    return undefined
  }
  if (!isOurs(file, 'file')) return undefined
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return isEntry(value) && value.pid === pid ? value : undefined
  } catch {
    // It was removed just now, or somebody has put something else there: no feed of ours in any case.
    return undefined
  }
}

/** Whether a process of this number runs, of whomever. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function isEntry(value: unknown): value is FeedEntry {
  if (typeof value !== 'object' || value === null) return false
  const { proto, app, pid, clientId, group, topic, startedAt, address } = value as Record<keyof FeedEntry, unknown>
  const texts = [app, clientId, group, topic].every((text) => typeof text === 'string')
  const numbers = [proto, pid, startedAt].every((number) => typeof number === 'number')
  return texts && numbers && isAddress(address)
}

function isAddress(value: unknown): value is FeedAddress {
  if (typeof value !== 'object' || value === null) return false
  const address = value as Record<string, unknown>
  if (address['kind'] === 'socket') return typeof address['path'] === 'string'
  return address['kind'] === 'tcp' && typeof address['port'] === 'number' && typeof address['token'] === 'string'
}
