import type { Painter } from './painter.ts'

/** What of the terminal is switched. */
export interface StageTerminal {
  write(text: string): void
  writeNow(text: string): void
  readKeys(onText: (text: string) => void): () => void
}

/** The other screen, without a cursor, and without wrapping: the last cell of a row must not move it. */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l'
const LEAVE = '\u001b[?2026l\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l'

/** The time the terminal is ours: entered and left as often as need be, and left at most once each time. */
export class Stage {
  readonly #terminal: StageTerminal
  readonly #painter: Painter
  readonly #onText: (text: string) => void
  #stopKeys: (() => void) | undefined

  constructor(terminal: StageTerminal, painter: Painter, onText: (text: string) => void) {
    this.#terminal = terminal
    this.#painter = painter
    this.#onText = onText
  }

  enter(): void {
    if (this.#stopKeys !== undefined) return
    this.#stopKeys = this.#terminal.readKeys(this.#onText)
    this.#terminal.write(ENTER)
    this.#painter.begin()
  }

  /** Gives the terminal back as it was, at once: the process may be about to end. */
  leave(): void {
    if (this.#stopKeys === undefined) return
    this.#painter.end()
    this.#terminal.writeNow(LEAVE)
    this.#stopKeys()
    this.#stopKeys = undefined
  }
}
