import { readKeys } from './model/keys.ts'
import type { Act, DashboardTerminal, Hall } from './perform.tsx'
import { glyphsOf } from './text/glyphs.ts'
import { line, styled } from './text/line.ts'
import type { ScreenView } from './view/screen.ts'
import { type Column, tableLines } from './view/table.ts'

/** One of several things to choose from. */
export interface PickerItem {
  /** What the choice resolves to. */
  readonly key: string
  readonly cells: readonly string[]
}

/** What is to be chosen. */
export interface PickerParts {
  readonly title: string
  readonly heads: readonly string[]
  readonly items: readonly PickerItem[]
  readonly ascii: boolean
  readonly terminal: Pick<DashboardTerminal, 'size' | 'interrupt' | 'suspend'>
  /** Ends it, with nothing chosen. */
  readonly signal: AbortSignal
}

/** Title, a blank, the head of the list, the line of keys. */
const FRAME = 4

/** A list with a cursor: `enter` chooses, `esc` and `q` do not. */
export class Picker implements Act {
  readonly #parts: PickerParts
  readonly #hall: Hall
  #index = 0
  #end: () => void = () => undefined
  #chosen: string | undefined

  constructor(parts: PickerParts, hall: Hall) {
    this.#parts = parts
    this.#hall = hall
  }

  /** The key of what was chosen; `undefined`: nothing was. */
  get chosen(): string | undefined {
    return this.#chosen
  }

  view(): ScreenView {
    const { title, heads, items, ascii, terminal } = this.#parts
    const { columns, rows } = terminal.size
    const room = Math.max(1, rows - FRAME)
    const top = Math.max(0, Math.min(this.#index - room + 1, items.length - room))
    const table = { columns, sort: undefined, glyphs: glyphsOf({ ascii }), cursor: this.#index - top }
    const shown = items.slice(top, top + room)
    const { head, body } = tableLines(columnsOf(heads, items), { shown, all: items }, table)
    return {
      header: [line(styled(` ${title}`, 'bold')), line('')],
      body: [head, ...body],
      panels: [],
      footer: line(styled(' up, down, enter choose  esc, q quit', 'dim')),
    }
  }

  type(text: string): void {
    for (const key of readKeys(text)) {
      switch (key.name) {
        case 'ctrl-c':
          this.#parts.terminal.interrupt()
          break
        case 'ctrl-z':
          this.#parts.terminal.suspend()
          break
        case 'ctrl-l':
          this.#hall.repaint()
          break
        case 'up':
        case 'down':
          this.#move(key.name === 'up' ? -1 : 1)
          break
        case 'home':
        case 'end':
          this.#move(key.name === 'home' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY)
          break
        case 'enter':
          this.#chosen = this.#parts.items[this.#index]?.key
          this.#end()
          break
        case 'esc':
          this.#end()
          break
        case 'text':
          this.#letter(key.text)
          break
        default:
      }
    }
  }

  resized(): void {
    this.#draw()
    this.#hall.repaint()
  }

  async run(): Promise<void> {
    const { signal } = this.#parts
    await new Promise<void>((resolve) => {
      this.#end = resolve
      signal.addEventListener('abort', () => resolve(), { once: true })
      if (signal.aborted) resolve()
      this.#draw()
    })
  }

  close(): void {
    this.#end()
  }

  #letter(letter: string): void {
    if (letter === 'q') this.#end()
    else if (letter === 'k') this.#move(-1)
    else if (letter === 'j') this.#move(1)
  }

  #move(by: number): void {
    this.#index = Math.max(0, Math.min(this.#parts.items.length - 1, this.#index + by))
    this.#draw()
  }

  #draw(): void {
    this.#hall.draw(this.view(), this.#parts.terminal.size)
  }
}

/** The first matter most. */
function columnsOf(heads: readonly string[], items: readonly PickerItem[]): readonly Column<PickerItem>[] {
  return heads.map((head, at) => {
    const longest = items.reduce((most, { cells }) => Math.max(most, cells[at]?.length ?? 0), head.length)
    return { head, min: Math.min(longest, 20), max: 60, priority: at, cell: ({ cells }) => ({ text: cells[at] ?? '' }) }
  })
}
