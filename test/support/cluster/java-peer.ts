import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { homeProperties, quickStart } from './settings.ts'

export type PeerMode = 'push' | 'members' | 'lite' | 'produce'

/** What a Java peer tells, in order; `at` is its clock in epoch milliseconds. */
export type PeerEvent =
  | { readonly event: 'started' | 'stopped'; readonly at: number; readonly client?: string }
  | {
      readonly event: 'owns'
      readonly at: number
      /** Told where there are several in one process. */
      readonly client?: string
      readonly topic: string
      readonly queues: readonly string[]
    }
  | ({ readonly event: 'message'; readonly at: number } & PeerMessage)
  | ({ readonly event: 'sent'; readonly at: number } & PeerSent)
  | { readonly event: 'failed'; readonly at: number; readonly keys: string; readonly error: string }

/** A message the peer's listener was called with; a retry comes again. */
export interface PeerMessage {
  readonly topic: string
  readonly queue: number
  readonly offset: number
  readonly msgId: string
  readonly reconsumeTimes: number
  readonly properties: Readonly<Record<string, string>>
  readonly body: string
}

/** What the peer was told of a message, or of the first of a batch, it has sent. */
export interface PeerSent {
  readonly status: string
  readonly msgId: string
  readonly offsetMsgId: string
  readonly queue: number
  readonly offset: number
  readonly keys: string
}

/** A running Java client, `test/java/Peer.java`. */
export class JavaPeer {
  /** Everything it has told so far. */
  readonly events: PeerEvent[] = []
  /** Resolves to its exit code, `null` after a signal. */
  readonly exited: Promise<number | null>
  readonly #process: ChildProcess
  readonly #waiting = new Set<() => void>()
  #errors = ''

  private constructor(process: ChildProcess, home: string) {
    this.#process = process
    this.exited = new Promise((resolve) => {
      process.on('close', (status) => {
        rmSync(home, { recursive: true, force: true })
        resolve(status)
        this.#wake()
      })
    })
    process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text
    })
    if (process.stdout === null) throw new Error('the peer has no stdout')
    createInterface({ input: process.stdout }).on('line', (line) => {
      this.events.push(JSON.parse(line) as PeerEvent)
      this.#wake()
    })
  }

  static start(classPath: string, args: readonly string[]): JavaPeer {
    const home = mkdtempSync(path.join(os.tmpdir(), 'mq-peer-'))
    return new JavaPeer(spawn('java', peerArguments(classPath, home, args), { stdio: ['pipe', 'pipe', 'pipe'] }), home)
  }

  /** The messages it has received so far. */
  get messages(): PeerMessage[] {
    return this.events.filter((event) => event.event === 'message')
  }

  /** The messages it has sent so far. */
  get sent(): PeerSent[] {
    return this.events.filter((event) => event.event === 'sent')
  }

  /** The queues it holds, as `broker-a:0`. */
  owned(topic: string): readonly string[] {
    const told = this.events.filter((event) => event.event === 'owns').filter((event) => event.topic === topic)
    return told.at(-1)?.queues ?? []
  }

  /**
   * Resolves when `holds` does; it is asked again after every line. Rejects when time is up or the peer has ended. A Java
   * consumer whose heartbeat was skipped pulls in vain until the next one, 30 s later, and rebalances every 20 s.
   */
  async until(holds: (peer: this) => boolean, timeoutMs = 75_000): Promise<void> {
    const deadline = performance.now() + timeoutMs
    while (!holds(this)) {
      const left = deadline - performance.now()
      if (left <= 0) throw new Error(`not so within ${timeoutMs} ms; the peer told ${this.#tale()}`)
      if (this.#process.exitCode !== null || this.#process.signalCode !== null) {
        throw new Error(`the peer has ended; it told ${this.#tale()}`)
      }
      await this.#line(left)
    }
  }

  /** Gives it a line to read: those of mode `members` do what it says. */
  tell(line: string): void {
    this.#process.stdin?.write(`${line}\n`)
  }

  /** Stops it in good order: offsets stored, group left. */
  async stop(): Promise<void> {
    this.#process.kill('SIGTERM')
    await this.exited
  }

  /** Stops it where it stands, as a debugger or a collector of garbage does. Nothing but an end gets it going again. */
  freeze(): void {
    this.#process.kill('SIGSTOP')
  }

  /** Ends it as a crash does. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.exited
  }

  #line(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(done)
        resolve()
      }
      const timer = setTimeout(done, timeoutMs)
      this.#waiting.add(done)
    })
  }

  #wake(): void {
    for (const done of [...this.#waiting]) done()
  }

  #tale(): string {
    return `${JSON.stringify(this.events.slice(-20))}\n${this.#errors}`
  }
}

/** What to call `java` with; the peer's own files go below `home`. */
export function peerArguments(classPath: string, home: string, args: readonly string[]): string[] {
  const files = [...homeProperties(home), `-Drocketmq.client.localOffsetStoreDir=${home}/offsets`]
  return ['-Xmx256m', ...quickStart, ...files, '-cp', classPath, 'Peer', ...args]
}
