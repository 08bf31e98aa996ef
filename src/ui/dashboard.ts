import type { EventSource, FindingsSource, PlanReset, Snapshot } from '../core/telemetry/index.ts'
import { type Key, readKeys } from './model/keys.ts'
import { type Effect, press } from './model/press.ts'
import { promptRequest, refusePosition, showPlan } from './model/prompt.ts'
import { happened, hear, receive, resize } from './model/reduce.ts'
import { type DashboardState, initialState, type Size } from './model/state.ts'
import { visible } from './terminal/painter.ts'
import { type Glyphs, glyphsOf } from './text/glyphs.ts'
import { type ScreenView, screenView } from './view/screen.ts'

/** What a running dashboard works with. */
export interface DashboardParts {
  readonly clock: { now(): number; after(delayMs: number, fn: () => void): { cancel(): void } }
  /** Flags of the connection, with a space before each. */
  readonly connectionWords: string
  readonly ascii: boolean
  /** Saves text; resolves to where. */
  readonly save: (text: string) => Promise<string>
  readonly size: () => Size
  readonly draw: (view: ScreenView, size: Size) => void
  /** The rows of the last frame. */
  readonly frame: () => readonly string[]
  readonly repaint: () => void
  readonly interrupt: () => void
  readonly suspend: () => void
  /** Who examines what is shown; without it, the screen says what does. */
  readonly findings?: FindingsSource | undefined
  /** Who tells what happens in the engine; others' engines are not heard. */
  readonly events?: EventSource | undefined
  /** Who plans resets; without it, the screen says what does. */
  readonly planReset?: PlanReset | undefined
}

/** At most four frames a second, so that drawing stays cheap beside a consumer; a key is answered at once. */
const FRAME_MS = 250
/** Ages go on without a new snapshot. Longer than the second between two, or each would be drawn twice. */
const AGES_MS = 1250
/** Findings that are younger are as good as new ones. */
const FRESH_MS = 3000

/** The life of a dashboard: snapshots and keys come in, frames go out. */
export class Dashboard {
  readonly #parts: DashboardParts
  readonly #glyphs: Glyphs
  #state: DashboardState
  #quit: () => void = () => undefined
  #timer: { cancel(): void } | undefined
  #drawnAt = Number.NEGATIVE_INFINITY
  #closed = false
  #planning: AbortController | undefined

  constructor(parts: DashboardParts) {
    this.#parts = parts
    this.#glyphs = glyphsOf({ ascii: parts.ascii })
    const { findings, planReset } = parts
    this.#state = initialState(parts.size(), { findings: findings !== undefined, canPlan: planReset !== undefined })
  }

  /** What is to be seen now. */
  view(): ScreenView {
    const { clock, connectionWords } = this.#parts
    return screenView(this.#state, { now: clock.now(), glyphs: this.#glyphs, connectionWords })
  }

  /** Shows snapshots until somebody quits or the signal aborts. When they end the last picture stays; when they fail, it rejects. */
  async run(snapshots: AsyncIterable<Snapshot>, signal: AbortSignal): Promise<void> {
    const iterator = snapshots[Symbol.asyncIterator]()
    const stop = this.#listen()
    this.#draw()
    try {
      await new Promise<void>((resolve, reject) => {
        this.#quit = resolve
        signal.addEventListener('abort', () => resolve(), { once: true })
        if (signal.aborted) resolve()
        this.#follow(iterator).catch(reject)
      })
    } finally {
      this.close()
      stop()
      // Whoever makes them may be in the middle of a look, which the signal or the end of the command stops.
      iterator.return?.().catch(() => undefined)
    }
  }

  /** To all that comes beside pictures. Returns how to end that. */
  #listen(): () => void {
    const { findings, events, clock } = this.#parts
    const stops = [
      findings?.follow((news) => {
        this.#state = hear(this.#state, news)
        this.#drawSoon()
      }),
      events?.follow((event) => {
        this.#state = happened(this.#state, event, clock.now())
        this.#drawSoon()
      }),
    ]
    return () => {
      for (const stop of stops) stop?.()
    }
  }

  /** No race with what ends it all: that would keep every snapshot for as long as it runs. */
  async #follow(iterator: AsyncIterator<Snapshot>): Promise<void> {
    for (;;) {
      const next = await iterator.next()
      if (this.#closed) return
      if (next.done === true) {
        this.#change({ ...this.#state, ended: true })
        return
      }
      this.#state = receive(this.#state, next.value)
      this.#drawSoon()
    }
  }

  /** Takes what was typed. */
  type(text: string): void {
    for (const key of readKeys(text)) this.#press(key)
  }

  /** The terminal has another size now. */
  resized(): void {
    this.#change(resize(this.#state, this.#parts.size()))
    this.#parts.repaint()
  }

  /** Draws nothing more. */
  close(): void {
    this.#closed = true
    this.#planning?.abort()
    this.#timer?.cancel()
  }

  #press(key: Key): void {
    const { state, effect } = press(this.#state, key, this.#parts.connectionWords)
    this.#change(state)
    if (effect !== undefined) this.#do(effect)
  }

  #do(effect: Effect): void {
    switch (effect) {
      case 'quit':
        this.#quit()
        return
      case 'interrupt':
        this.#parts.interrupt()
        return
      case 'suspend':
        this.#parts.suspend()
        return
      case 'repaint':
        this.#parts.repaint()
        return
      case 'save':
        this.#save()
        return
      case 'examine':
        this.#examine()
        return
      case 'plan':
        this.#plan()
        return
      case 'stop-planning':
        this.#planning?.abort()
    }
  }

  /** What is new enough is not looked for again. */
  #examine(): void {
    const { at } = this.#state.findings
    if (at === undefined || this.#parts.clock.now() - at >= FRESH_MS) this.#parts.findings?.lookNow()
  }

  /** Asks for the plan that was typed; only the last that was asked for is shown. */
  #plan(): void {
    const request = promptRequest(this.#state)
    const { planReset } = this.#parts
    if (request === undefined || planReset === undefined) return
    const planning = new AbortController()
    this.#planning = planning
    const isWanted = (): boolean => !planning.signal.aborted && !this.#closed
    planReset(request, planning.signal).then(
      (plan) => {
        if (isWanted()) this.#change(showPlan(this.#state, plan))
      },
      (error: unknown) => {
        if (isWanted())
          this.#change(refusePosition(this.#state, error instanceof Error ? error.message : String(error)))
      },
    )
  }

  #save(): void {
    const rows = this.#parts.frame().map((row) => visible(row).trimEnd())
    this.#parts.save(`${rows.join('\n')}\n`).then(
      (file) => this.#change({ ...this.#state, message: `saved to ${file}` }),
      (error: unknown) =>
        this.#change({ ...this.#state, message: error instanceof Error ? error.message : String(error) }),
    )
  }

  #change(state: DashboardState): void {
    this.#state = state
    this.#draw()
  }

  #drawSoon(): void {
    const wait = this.#drawnAt + FRAME_MS - this.#parts.clock.now()
    if (wait <= 0) this.#draw()
    else this.#schedule(wait)
  }

  #draw(): void {
    if (this.#closed) return
    this.#drawnAt = this.#parts.clock.now()
    this.#parts.draw(this.view(), this.#state.size)
    this.#schedule(AGES_MS)
  }

  #schedule(waitMs: number): void {
    this.#timer?.cancel()
    this.#timer = this.#parts.clock.after(waitMs, () => this.#draw())
  }
}
