import { printableLines } from './output/printable.ts'

/** Back to the beginning of the line, and nothing behind it. */
const CLEAR_LINE = '\r\u001b[K'

/** What a command says on stderr: lines, and on a terminal one status line below them that is written over. */
export class Talk {
  readonly #write: (text: string) => void
  readonly #terminal: boolean
  #status = ''

  constructor(options: { readonly write: (text: string) => void; readonly terminal: boolean }) {
    this.#write = options.write
    this.#terminal = options.terminal
  }

  /** A line that stays; the status line is shown again below it. */
  say(line: string): void {
    const text = `${printableLines(line)}\n`
    this.#write(this.#status === '' ? text : `${CLEAR_LINE}${text}${this.#status}`)
  }

  /** A line that the next one replaces; an empty one removes it. Nothing happens where stderr is no terminal. */
  status(line: string): void {
    if (!this.#terminal || line === this.#status) return
    this.#status = printableLines(line).replaceAll('\n', ' ')
    this.#write(`${CLEAR_LINE}${this.#status}`)
  }
}
