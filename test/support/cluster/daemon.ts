import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { homeProperties } from './settings.ts'

/** What Java 17 has to open for RocketMQ; 4.9 needs it whenever it unmaps a file. */
const moduleFlags = [
  ...['java.nio', 'java.util', 'java.lang', 'sun.nio.ch', 'jdk.internal.ref'].flatMap((name) => [
    '--add-opens',
    `java.base/${name}=ALL-UNNAMED`,
  ]),
  ...['sun.nio.ch', 'jdk.internal.ref'].flatMap((name) => ['--add-exports', `java.base/${name}=ALL-UNNAMED`]),
]

/** A Java process of a cluster. */
export interface DaemonOptions {
  /** Names its pid file and its log below the directory. */
  readonly name: 'namesrv' | 'broker'
  readonly directory: string
  readonly classPath: string
  readonly mainClass: string
  readonly jvm: readonly string[]
  readonly args: readonly string[]
}

/**
 * Starts a process that outlives this one: any process that knows the directory can stop it and start it again, since
 * test files run in processes of their own.
 */
export function startDaemon(options: DaemonOptions): void {
  const { name, directory } = options
  if (isRunning(directory, name)) throw new Error(`a ${name} already runs in ${directory}`)
  const log = openSync(path.join(directory, `${name}.out`), 'w')
  const flags = [...moduleFlags, ...options.jvm, ...homeProperties(directory)]
  const args = [...flags, '-cp', options.classPath, options.mainClass, ...options.args]
  const child = spawn('java', args, { cwd: directory, detached: true, stdio: ['ignore', log, log] })
  closeSync(log)
  child.unref()
  // A java that cannot be started shows up as a process that is not running.
  child.on('error', (error) => {
    writeFileSync(path.join(directory, `${name}.out`), error.message)
  })
  if (child.pid !== undefined) writeFileSync(pidFile(directory, name), String(child.pid))
}

/** Whether there was such a process, and nobody has ended it. */
export function wasStarted(directory: string, name: DaemonOptions['name']): boolean {
  return existsSync(pidFile(directory, name))
}

/** Whether the process runs. */
export function isRunning(directory: string, name: DaemonOptions['name']): boolean {
  return runningPid(directory, name) !== undefined
}

/** What the process has last said. */
export function lastWords(directory: string, name: DaemonOptions['name']): string {
  return readFileSync(path.join(directory, `${name}.out`), 'utf8')
    .split('\n')
    .slice(-20)
    .join('\n')
}

/** Sends a signal and waits for the end; after `patienceMs` by SIGKILL. Does nothing if the process does not run. */
export async function endDaemon(
  directory: string,
  name: DaemonOptions['name'],
  signal: 'SIGTERM' | 'SIGKILL',
  patienceMs = 30_000,
): Promise<void> {
  const deadline = performance.now() + patienceMs
  for (let pid = runningPid(directory, name); pid !== undefined; pid = runningPid(directory, name)) {
    kill(pid, performance.now() < deadline ? signal : 'SIGKILL')
    await sleep(100)
  }
  rmSync(pidFile(directory, name), { force: true })
}

/** Sends a signal, if the process runs. */
export function signalDaemon(directory: string, name: DaemonOptions['name'], signal: 'SIGSTOP' | 'SIGCONT'): void {
  const pid = runningPid(directory, name)
  if (pid !== undefined) kill(pid, signal)
}

/** Kills at once, for a process that is about to exit itself. */
export function killDaemon(directory: string, name: DaemonOptions['name']): void {
  const pid = runningPid(directory, name)
  if (pid !== undefined) kill(pid, 'SIGKILL')
}

function pidFile(directory: string, name: string): string {
  return path.join(directory, `${name}.pid`)
}

/** The pid of the process, only if it is still ours: a pid may have passed on to another process. */
function runningPid(directory: string, name: string): number | undefined {
  const pid = Number(readIfThere(pidFile(directory, name)) ?? Number.NaN)
  if (Number.isNaN(pid)) return undefined
  if (!existsSync('/proc/self/cmdline')) return isAlive(pid) ? pid : undefined
  const commandLine = readIfThere(`/proc/${pid}/cmdline`) ?? ''
  // Empty for a zombie.
  return commandLine.includes(`-Drocketmq.home.dir=${directory}\0`) ? pid : undefined
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
