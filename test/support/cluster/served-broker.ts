import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { peerClassPath } from './artifacts.ts'
import { type ClusterAddress, mqadmin } from './cluster.ts'
import { JavaPeer, type PeerMode } from './java-peer.ts'
import type { Finished } from './run.ts'

const script = fileURLToPath(new URL('../../../bin/run.js', import.meta.url))

/**
 * The embedded broker as users run it: what was built, as `mq broker start`, in a process of its own and on disk; with
 * Apache's tools of one version to be pointed at it. Its port is known once it is started.
 */
export class ServedBroker implements ClusterAddress {
  readonly version: string
  readonly directory: string
  readonly temporary = true
  #process: ChildProcess | undefined
  #address = ''

  /** `version` is that of Apache's tools; the store is made in `directory`. */
  constructor(version: string, directory: string) {
    this.version = version
    this.directory = directory
  }

  get namesrv(): string {
    if (this.#address === '') throw new Error('the broker is not started')
    return this.#address
  }

  get brokerAddress(): string {
    return this.namesrv
  }

  /** Starts it, and resolves when it serves. */
  async start(): Promise<void> {
    const args = [script, 'broker', 'start', '-o', 'json', '--port', '0', '--data-dir', this.directory]
    const child = spawn(process.execPath, args, {
      env: { PATH: process.env['PATH'], HOME: this.directory },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#process = child
    let errors = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
    this.#address = await new Promise((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', (line) => {
        resolve((JSON.parse(line) as { namesrv: string }).namesrv)
      })
      child.once('error', reject)
      child.once('close', () => {
        reject(new Error(`the broker has ended: ${errors}`))
      })
    })
  }

  /** Stops it in good order, and resolves to its exit code. */
  stop(): Promise<number | null> {
    const child = this.#process
    if (child === undefined || child.exitCode !== null) return Promise.resolve(child?.exitCode ?? null)
    return new Promise((resolve) => {
      child.once('close', resolve)
      child.kill('SIGTERM')
    })
  }

  /** Runs a command of Apache's admin tool against it, which may fail: look at `status`. */
  mqadmin(...args: readonly string[]): Promise<Finished> {
    return mqadmin(this.version, [...args, '-n', this.namesrv])
  }

  /** Starts a Java client of this version. */
  async java(mode: PeerMode, args: readonly string[]): Promise<JavaPeer> {
    return JavaPeer.start(await peerClassPath(this.version), [mode, '--namesrv', this.namesrv, ...args])
  }
}
