import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const script = fileURLToPath(new URL('broker-process.ts', import.meta.url))

/** What a broker's process says, a line each. */
export interface BrokerLine {
  readonly address?: string
  readonly refused?: string
  readonly fatal?: string
  readonly closed?: boolean
}

/** A broker in a process of its own. It is killed when the test ends. */
export class BrokerChild {
  readonly #child: ChildProcess
  readonly #ended: Promise<number | null>
  readonly lines: BrokerLine[] = []
  #waiting: (() => void) | undefined

  constructor(dataDir: string, options: { readonly delayLevels?: string; readonly maxFileKiB?: number } = {}) {
    const node = [
      process.execPath,
      '--import',
      'tsx',
      script,
      dataDir,
      ...(options.delayLevels ? [options.delayLevels] : []),
    ]
    const limited =
      options.maxFileKiB === undefined
        ? node
        : ['bash', '-c', `ulimit -f ${options.maxFileKiB}; exec "$@"`, 'bash', ...node]
    this.#child = spawn(limited[0]!, limited.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#ended = new Promise((resolve) => {
      this.#child.once('exit', (code) => {
        resolve(code)
        this.#waiting?.()
      })
    })
    createInterface({ input: this.#child.stdout! }).on('line', (line) => {
      this.lines.push(JSON.parse(line) as BrokerLine)
      this.#waiting?.()
    })
    onTestFinished(() => {
      this.#child.kill('SIGKILL')
    })
  }

  get pid(): number {
    return this.#child.pid!
  }

  /** The first line that has a member; waits for it. */
  async line(member: keyof BrokerLine): Promise<BrokerLine> {
    for (;;) {
      const found = this.lines.find((line) => line[member] !== undefined)
      if (found) return found
      if (this.#child.exitCode !== null)
        throw new Error(`the broker ended without ${member}: ${JSON.stringify(this.lines)}`)
      await new Promise<void>((resolve) => {
        this.#waiting = resolve
      })
    }
  }

  async address(): Promise<string> {
    return (await this.line('address')).address!
  }

  /** Sends a signal and resolves to the exit code, `null` when the signal ended it. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    this.#child.kill(signal)
    return this.#ended
  }

  ended(): Promise<number | null> {
    return this.#ended
  }
}
