import { chmodSync, lstatSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { StorageError } from '../../core/errors.ts'
import type { CommandContext } from '../command-context.ts'
import { stateDirectory } from '../state-directory.ts'

/** Where running commands can be found: `run` in the state folder. The runtime folder of the session is used when there is one and no other was named. */
export function runDirectory(env: CommandContext['env']): string {
  const runtime = env['XDG_RUNTIME_DIR']
  if (!env['MQ_STATE_DIR'] && runtime && path.isAbsolute(runtime)) return path.join(runtime, 'mq')
  return path.join(stateDirectory(env), 'run')
}

/**
 * Makes the folder, for this user alone, or takes the one there is. Throws StorageError when it is somebody else's, or
 * others may enter it: its permissions are what protects the sockets in it.
 */
export function openRunDirectory(env: CommandContext['env']): string {
  const folder = runDirectory(env)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    // Its rights may be those of an earlier umask; what is not ours, or is a link, stays as it is.
    const stats = lstatSync(folder)
    if (stats.isDirectory() && stats.uid === process.getuid?.()) chmodSync(folder, 0o700)
  } catch (cause) {
    throw new StorageError(`cannot use ${folder}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
      suggestions: ['name another folder with MQ_STATE_DIR'],
    })
  }
  if (!isOurs(folder, 'folder')) {
    throw new StorageError(`${folder} is not a folder of this user alone`, {
      suggestions: ['name another folder with MQ_STATE_DIR'],
    })
  }
  return folder
}

/** Whether a file or folder is what it seems to be, belongs to this user, and nobody else has rights to it. */
export function isOurs(file: string, kind: 'file' | 'folder'): boolean {
  const stats = lstatSync(file, { throwIfNoEntry: false })
  if (stats === undefined || (kind === 'file' ? !stats.isFile() : !stats.isDirectory())) return false
  if (process.getuid === undefined) return true
  return stats.uid === process.getuid() && (stats.mode & 0o077) === 0
}
