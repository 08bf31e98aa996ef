import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type Delivery, readBody } from './order-checker.ts'

/** Who waits for something: a line of any program may be what it waits for. */
const looks = new Set<() => void>()

function look(): void {
  for (const each of [...looks]) each()
}

/** A program under test/support/programs that runs in a process of its own. */
export class Program {
  /** What it has written, line by line. */
  readonly lines: string[] = []
  /** Resolves to its exit code, or to the signal that ended it. */
  readonly exited: Promise<number | string | null>
  readonly #process: ChildProcess
  #errors = ''
  #ended = false

  constructor(name: string, args: readonly string[]) {
    const script = fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url))
    const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#process = child
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text
    })
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.lines.push(line)
      look()
    })
    this.exited = new Promise((resolve) => {
      child.on('close', (status, signal) => {
        this.#ended = true
        look()
        resolve(status ?? signal)
      })
    })
  }

  /**
   * Resolves when something holds, asked after every line of every program. Rejects when it does not in time, or when
   * this program has ended without.
   */
  until(holds: () => boolean, timeoutMs = 30_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        clearTimeout(timer)
        looks.delete(check)
        settle()
      }
      const fail = (why: string): void => {
        end(() => {
          reject(new Error(`${why}; the last lines: ${this.lines.slice(-5).join(' | ')} ${this.#errors}`))
        })
      }
      const check = (): void => {
        if (holds()) end(resolve)
        else if (this.#ended) fail('the program has ended')
      }
      const timer = setTimeout(() => {
        fail(`not so within ${timeoutMs} ms`)
      }, timeoutMs)
      looks.add(check)
      check()
    })
  }

  /** Asks it to end, and waits for that. */
  async stop(): Promise<number | string | null> {
    this.#process.kill('SIGTERM')
    return this.exited
  }

  /** Stops it in the middle of whatever it does, until {@link thaw}. */
  freeze(): void {
    this.#process.kill('SIGSTOP')
  }

  thaw(): void {
    this.#process.kill('SIGCONT')
  }

  /** Ends it as a crash does. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.exited
  }
}

/** A message as the consumer program tells of it. */
export interface ToldMessage {
  readonly topic: string
  readonly queueId: number
  readonly offset: number
  readonly reconsumeTimes: number
  readonly body: string
}

/** The messages a consumer program has consumed so far, in order. */
export function messagesOf(program: Program): ToldMessage[] {
  return program.lines.flatMap((line) => {
    const [kind, topic = '', queueId, offset, reconsumeTimes, body = ''] = line.split(' ')
    if (kind !== 'message') return []
    const numbers = { queueId: Number(queueId), offset: Number(offset), reconsumeTimes: Number(reconsumeTimes) }
    return [{ topic, ...numbers, body }]
  })
}

/** What orderly consumer programs have been given of a topic, by the name of each. */
export function deliveriesOf(programs: ReadonlyMap<string, Program>, topic: string): Delivery[] {
  return [...programs].flatMap(([member, { lines }]) =>
    lines.flatMap((line) => {
      const [kind, at, of, queueId, offset, body = ''] = line.split(' ')
      if (kind !== 'ordered' || of !== topic) return []
      return [{ member, queue: queueId ?? '', offset: Number(offset), at: Number(at), ...readBody(body) }]
    }),
  )
}
