import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { EmbeddedBroker, type ResetMode } from '../../src/core/broker/index.ts'
import { silentLogger, systemClock } from '../../src/core/support/index.ts'

const script = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

/** How a command is run. */
export interface MqOptions {
  readonly input?: string | Buffer | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Runs beside the command. */
  readonly during?: (child: ChildProcessWithoutNullStreams) => Promise<void> | void
}

/** What a command did. */
export interface MqResult {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/**
 * Nothing of the developer's own settings or broker reaches a command under test, and its files go to a folder of this
 * run.
 */
const home = mkdtempSync(path.join(tmpdir(), 'mq-home-'))
process.once('exit', () => {
  rmSync(home, { recursive: true, force: true })
})

/** Runs what was built, as a user does. `npm test` builds first. */
export function mq(args: readonly string[], options: MqOptions = {}): Promise<MqResult> {
  return runNode([script, ...args], options)
}

/** Runs a script in the same surroundings. */
export function runNode(args: readonly string[], options: MqOptions = {}): Promise<MqResult> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, MQ_BROKER_PORT: '0', ...options.env }
  const child = spawn(process.execPath, [...args], { env })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  // A command that does not read its input closes it.
  child.stdin.on('error', () => undefined)
  if (options.during === undefined || options.input !== undefined) child.stdin.end(options.input ?? '')
  const done = new Promise<MqResult>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
  return Promise.all([done, options.during?.(child)]).then(([result]) => result)
}

/** Resolves when the child has said something on stderr that matches; a text may be wanted several times. */
export function said(child: ChildProcessWithoutNullStreams, what: string | RegExp, times = 1): Promise<void> {
  let text = ''
  return new Promise((resolve, reject) => {
    child.stderr.on('data', (more: string) => {
      text += more
      const found = typeof what === 'string' ? text.split(what).length > times : what.test(text)
      if (found) resolve()
    })
    child.once('close', () => {
      reject(new Error(`it ended without saying '${String(what)}' ${times} times; it said: ${text}`))
    })
  })
}

/** A broker in memory, on a port of its own. */
export function memoryBroker(options: { readonly resetMode?: ResetMode } = {}): Promise<EmbeddedBroker> {
  return EmbeddedBroker.start({
    clock: systemClock,
    logger: silentLogger,
    port: 0,
    store: { kind: 'memory' },
    ...options,
  })
}

/** A folder of its own for a test. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'mq-test-'))
  return { path: folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** A port nobody listens on. */
export function freePort(): Promise<number> {
  const server = net.createServer()
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo
      server.close(() => resolve(port))
    })
  })
}
