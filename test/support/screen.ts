import xterm from '@xterm/headless'
import { beforeAll, onTestFinished } from 'vitest'
import type { EventSource, FindingsSource, PlanReset, Snapshot } from '../../src/core/telemetry/index.ts'
import type { DashboardTerminal } from '../../src/ui/perform.tsx'
import { showDashboard } from '../../src/ui/show-dashboard.ts'
import { VirtualClock } from './virtual-clock.ts'

/** A terminal in memory, and the programs' side of it. */
export class HeadlessTerminal implements DashboardTerminal {
  readonly #terminal: InstanceType<typeof xterm.Terminal>
  readonly #listeners = new Map<string, Set<() => void>>()
  #onText: ((text: string) => void) | undefined
  #writing: Promise<void> = Promise.resolve()
  /** All that was written. */
  written = ''
  interrupts = 0

  constructor(columns = 80, rows = 24) {
    this.#terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 1000 })
  }

  get size(): { readonly columns: number; readonly rows: number } {
    return { columns: this.#terminal.cols, rows: this.#terminal.rows }
  }

  write(text: string): void {
    this.written += text
    this.#writing = this.#writing.then(() => new Promise((resolve) => this.#terminal.write(text, resolve)))
  }

  writeNow(text: string): void {
    this.write(text)
  }

  readKeys(onText: (text: string) => void): () => void {
    this.#onText = onText
    return () => {
      this.#onText = undefined
    }
  }

  interrupt(): void {
    this.interrupts += 1
  }

  suspend(): void {
    this.emit('suspend')
  }

  on(event: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, listeners.add(listener))
    return () => listeners.delete(listener)
  }

  emit(event: 'resize' | 'suspend' | 'resume' | 'exit'): void {
    for (const listener of this.#listeners.get(event) ?? []) listener()
  }

  /** Whether keys are read. */
  get isReading(): boolean {
    return this.#onText !== undefined
  }

  type(text: string): void {
    this.#onText?.(text)
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows)
    this.emit('resize')
  }

  /** Which of the two screens is shown. */
  async screen(): Promise<'normal' | 'alternate'> {
    await this.#writing
    return this.#terminal.buffer.active.type
  }

  /** The rows that are seen, without blanks at their ends. */
  async rows(): Promise<string[]> {
    await this.#writing
    const { active } = this.#terminal.buffer
    return Array.from(
      { length: this.#terminal.rows },
      (_, row) =>
        active
          .getLine(active.baseY + row)
          ?.translateToString(true)
          .trimEnd() ?? '',
    )
  }

  async text(): Promise<string> {
    return (await this.rows()).join('\n')
  }

  /** Lines that have been scrolled away, of the user's own screen. */
  get history(): number {
    return this.#terminal.buffer.normal.baseY
  }
}

/** A dashboard on a terminal in memory, fed by a test in virtual time. */
export class ScreenBench {
  readonly clock = new VirtualClock()
  readonly terminal: HeadlessTerminal
  readonly saved: string[] = []
  readonly #abort = new AbortController()
  readonly #waiting: Snapshot[] = []
  #wake: () => void = () => undefined
  #failure: Error | undefined
  #ended = false
  readonly done: Promise<void>

  constructor(
    options: {
      readonly columns?: number
      readonly rows?: number
      readonly ascii?: boolean
      readonly color?: boolean
      readonly findings?: FindingsSource
      readonly planReset?: PlanReset
      readonly events?: EventSource
    } = {},
  ) {
    const { columns, rows, ascii = false, color = true, ...asks } = options
    this.terminal = new HeadlessTerminal(columns, rows)
    this.terminal.write(Array.from({ length: 60 }, (_, line) => `line ${line}\r\n`).join(''))
    this.done = showDashboard({
      snapshots: this.#snapshots(),
      terminal: this.terminal,
      clock: this.clock,
      signal: this.#abort.signal,
      color,
      ascii,
      connectionWords: ' -n ns:9876',
      ...asks,
      save: (text) => {
        this.saved.push(text)
        return Promise.resolve('/somewhere/screen.txt')
      },
    })
    this.done.catch(() => undefined)
  }

  /** Gives it a snapshot, and time to draw. */
  async show(snapshot: Snapshot): Promise<void> {
    this.#waiting.push(snapshot)
    this.#wake()
    await this.clock.advance(300)
  }

  /** Types, and lets what is drawn reach the terminal. */
  async type(text: string): Promise<string> {
    this.terminal.type(text)
    await this.clock.advance(50)
    return this.terminal.text()
  }

  abort(): void {
    this.#abort.abort()
  }

  async fail(error: Error): Promise<void> {
    this.#failure = error
    this.#wake()
    await this.clock.settle()
  }

  async end(): Promise<void> {
    this.#ended = true
    this.#wake()
    await this.clock.advance(300)
  }

  async *#snapshots(): AsyncGenerator<Snapshot> {
    for (;;) {
      const next = this.#waiting.shift()
      if (next !== undefined) yield next
      else if (this.#failure !== undefined) throw this.#failure
      else if (this.#ended) return
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
    }
  }
}

/** For a file of tests: how to start a screen, whose times are those of UTC, and which is ended with its test. */
export function screenBenches(): (options?: ConstructorParameters<typeof ScreenBench>[0]) => Promise<ScreenBench> {
  beforeAll(() => {
    process.env['TZ'] = 'UTC'
  })
  return async (options = {}) => {
    const started = new ScreenBench(options)
    onTestFinished(async () => {
      started.abort()
      await started.done.catch(() => undefined)
    })
    await started.clock.settle()
    return started
  }
}
