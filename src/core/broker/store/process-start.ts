import { readFile } from 'node:fs/promises'

/** The field of `/proc/PID/stat` that says when a process started, counted behind its name. */
const START_FIELD = 19

/**
 * When a process started, in whatever the system counts; equal only for the same process. `undefined` where the system
 * does not say, or there is no such process.
 */
export async function processStart(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[START_FIELD]
  } catch {
    // No /proc on this system: the pid alone has to do.
    return undefined
  }
}
