import { EventEmitter } from 'node:events'
import { widthOf } from '../text/cells.ts'

/** Where frames go. */
export interface PaintTarget {
  readonly size: { readonly columns: number; readonly rows: number }
  write(text: string): void
}

/**
 * Stands between ink and the terminal. With its `debug` option ink writes every frame whole: of that only the rows that
 * have changed are painted, each in its place, as one update the terminal shows at once. So frames may be as high as the
 * terminal, nothing is ever cleared, and what was scrolled away stays.
 */
export class Painter extends EventEmitter {
  readonly isTTY = true
  readonly #target: PaintTarget
  #painted: string[] = []
  #frame: readonly string[] = []
  #silent = true

  constructor(target: PaintTarget) {
    super()
    this.#target = target
  }

  get columns(): number {
    return this.#target.size.columns
  }

  get rows(): number {
    return this.#target.size.rows
  }

  /** The rows of the last frame. */
  get frame(): readonly string[] {
    return this.#frame
  }

  /** As ink calls it: one whole frame. */
  write(frame: string): boolean {
    this.#frame = frame.split('\n').slice(0, this.rows)
    this.#paint()
    return true
  }

  /** Paints from now on, everything anew: what is on the terminal is not known. */
  begin(): void {
    this.#silent = false
    this.repaint()
  }

  /** Paints nothing more until `begin`. */
  end(): void {
    this.#silent = true
  }

  /** Paints every row again. */
  repaint(): void {
    this.#painted = []
    this.#paint()
  }

  #paint(): void {
    if (this.#silent) return
    const { rows, columns } = this
    let changes = ''
    for (let at = 0; at < rows; at++) {
      const row = this.#frame[at] ?? ''
      if (this.#painted[at] === row) continue
      this.#painted[at] = row
      // A row that fills its line leaves the cursor on the last cell, which then would be cleared.
      const clear = widthOf(visible(row)) < columns ? '\u001b[K' : ''
      changes += `\u001b[${at + 1};1H${row}${clear}`
    }
    this.#painted.length = rows
    if (changes !== '') this.#target.write(`\u001b[?2026h${changes}\u001b[?2026l`)
  }
}

/** A row without its colours. */
export function visible(row: string): string {
  return row.replace(/\u001b\[[\d;]*m/g, '')
}
