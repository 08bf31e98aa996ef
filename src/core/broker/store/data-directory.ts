import { link, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { StorageError } from '../../errors.ts'
import { processStart } from './process-start.ts'

/** Says that a directory is ours, and how what is in it is laid out. */
const MARKER = 'mq-broker.json'
const LOCK = 'lock'
const SCHEMA_VERSION = 1

interface LockHolder {
  readonly pid: number
  /** When that process started, by the system's own count; tells a pid that was given again. */
  readonly start: string | undefined
}

/** Directories this very process has open: its pid alone would not tell. */
const openHere = new Set<string>()

/** A broker's directory, held by one process at a time. */
export class DataDirectory {
  readonly path: string

  private constructor(directory: string) {
    this.path = directory
  }

  /**
   * Takes a directory, making it if need be. Rejects with StorageError when another process has it, when it holds
   * something else or another version's data, or when it cannot be written.
   */
  static async open(dataDir: string): Promise<DataDirectory> {
    const directory = path.resolve(dataDir)
    const found = await guard(directory, async () => {
      await makeDirectory(directory)
      return readdir(directory)
    })
    if (!found.includes(MARKER) && found.some((name) => !name.startsWith(LOCK))) {
      throw new StorageError(`${directory} is not empty and was not made by mq broker`, {
        suggestions: ['choose an empty or a new directory with --data-dir'],
      })
    }
    if (found.includes(MARKER)) await guard(directory, () => checkMarker(directory))
    if (openHere.has(directory)) throw lockedError(directory, process.pid)
    openHere.add(directory)
    try {
      await guard(directory, () => lock(directory))
      if (!found.includes(MARKER)) await guard(directory, () => writeMarker(directory))
    } catch (error) {
      openHere.delete(directory)
      throw error
    }
    return new DataDirectory(directory)
  }

  /** Lets another process have it. */
  async close(): Promise<void> {
    openHere.delete(this.path)
    await rm(path.join(this.path, LOCK), { force: true })
  }
}

/** Not all of it recursively: on a file system that takes no directories Node would try for ever. */
async function makeDirectory(directory: string): Promise<void> {
  await mkdir(path.dirname(directory), { recursive: true })
  try {
    await mkdir(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

async function guard<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof StorageError) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new StorageError(`the data directory ${directory} cannot be used: ${reason}`, {
      cause,
      suggestions: ['choose a directory that can be written with --data-dir'],
    })
  }
}

async function checkMarker(directory: string): Promise<void> {
  const text = await readFile(path.join(directory, MARKER), 'utf8')
  const version = /"schemaVersion":\s*(\d+)/.exec(text)?.[1]
  if (version === String(SCHEMA_VERSION)) return
  throw new StorageError(
    `${directory} was written with layout ${version ?? 'unknown'}; this version of mq reads layout ${SCHEMA_VERSION}`,
    { suggestions: ['use the version of mq that wrote it, or another directory'] },
  )
}

async function writeMarker(directory: string): Promise<void> {
  const marker = path.join(directory, MARKER)
  await writeFile(`${marker}.new`, `${JSON.stringify({ schemaVersion: SCHEMA_VERSION })}\n`, { flush: true })
  await rename(`${marker}.new`, marker)
  const handle = await open(directory, 'r')
  await handle.sync()
  await handle.close()
}

/** Linked into place whole, so that nobody reads half a lock. */
async function lock(directory: string): Promise<void> {
  const file = path.join(directory, LOCK)
  const mine = `${file}.${process.pid}`
  const holder: LockHolder = { pid: process.pid, start: await processStart(process.pid) }
  await writeFile(mine, JSON.stringify(holder))
  try {
    while (!(await linked(mine, file))) await breakStaleLock(directory, file)
  } finally {
    await rm(mine, { force: true })
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Removes the lock of a process that is gone. Rejects with StorageError when it is not. */
async function breakStaleLock(directory: string, file: string): Promise<void> {
  const text = await readFile(file, 'utf8')
  const holder = readHolder(text)
  if (holder && (await alive(holder))) throw lockedError(directory, holder.pid)
  const moved = `${file}.stale.${process.pid}`
  await rename(file, moved)
  // Another process may have broken the lock in the meantime and taken it: then this is the new one.
  if ((await readFile(moved, 'utf8')) !== text) await linked(moved, file)
  await rm(moved, { force: true })
}

function readHolder(text: string): LockHolder | undefined {
  const pid = Number(/"pid":\s*(\d+)/.exec(text)?.[1])
  return Number.isInteger(pid) ? { pid, start: /"start":\s*"([^"]*)"/.exec(text)?.[1] } : undefined
}

async function alive({ pid, start }: LockHolder): Promise<boolean> {
  // After a restart of its container a process often gets the very pid it had.
  if (pid === process.pid && start === undefined) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  const now = await processStart(pid)
  return start === undefined || now === undefined || start === now
}

function lockedError(directory: string, pid: number): StorageError {
  return new StorageError(`the data directory ${directory} is in use by process ${pid}`, {
    suggestions: ['stop that broker, connect to it instead, or choose another directory with --data-dir'],
  })
}
