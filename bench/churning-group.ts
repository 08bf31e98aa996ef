import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { Deliveries } from './deliveries.ts'

/** How the members of a group are started, and what their lines say. */
export interface MemberKind {
  readonly name: string
  readonly command: (member: number) => readonly string[]
  /** Queue and offset of the message a line of stdout tells of; `undefined`: it tells of something else. */
  readonly read: (line: string) => readonly [queue: number, offset: number] | undefined
}

interface Process {
  readonly child: ChildProcess
  readonly exited: Promise<unknown>
}

/** A group of processes that join and leave, the oldest first. */
export class ChurningGroup {
  readonly name: string
  readonly deliveries = new Deliveries()
  readonly #kind: MemberKind
  readonly #members: Process[] = []
  #started = 0

  constructor(kind: MemberKind) {
    this.name = kind.name
    this.#kind = kind
  }

  join(): void {
    const [program = '', ...args] = this.#kind.command(this.#started++)
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] })
    this.#members.push({ child, exited: new Promise((resolve) => child.once('close', resolve)) })
    createInterface({ input: child.stdout }).on('line', (line) => {
      const message = this.#kind.read(line)
      if (message !== undefined) this.deliveries.note(...message, performance.now())
    })
  }

  /** The oldest member leaves in good order. */
  async leave(): Promise<void> {
    const member = this.#members.shift()
    member?.child.kill('SIGTERM')
    await member?.exited
  }

  async end(): Promise<void> {
    while (this.#members.length > 0) await this.leave()
  }

  abandon(): void {
    for (const { child } of this.#members) child.kill('SIGKILL')
  }
}
