import { clean, cut, widthOf } from './cells.ts'

/** How a piece of text looks. Words and signs say the same: colour is never the only cue. */
export type Style = 'plain' | 'dim' | 'bold' | 'good' | 'warn' | 'bad'

/** Text of one style. */
export interface Segment {
  readonly text: string
  readonly style: Style
}

/** One row of the screen. */
export interface Line {
  readonly segments: readonly Segment[]
  /** Shown inverse, over the whole width. */
  readonly selected?: boolean
}

const colored: Readonly<Record<Style, string>> = {
  plain: '',
  dim: '2',
  bold: '1',
  good: '32',
  warn: '33',
  bad: '1;31',
}
const uncolored: Readonly<Record<Style, string>> = { plain: '', dim: '', bold: '1', good: '', warn: '', bad: '1' }

/** A row of text in one style, or of pieces: strings are plain. */
export function line(...pieces: readonly (string | Segment)[]): Line {
  return { segments: pieces.map((piece) => (typeof piece === 'string' ? styled(piece) : piece)) }
}

/** A piece of text, cleaned of what a terminal would obey. */
export function styled(text: string, style: Style = 'plain'): Segment {
  return { text: clean(text), style }
}

/** A line as it is written to a terminal of this width. */
export function terminalText(
  { segments, selected = false }: Line,
  options: { readonly columns: number; readonly color: boolean },
): string {
  const styles = options.color ? colored : uncolored
  let left = options.columns
  let text = ''
  for (const segment of segments) {
    const piece = cut(segment.text, left)
    left -= widthOf(piece)
    const codes = [styles[segment.style], selected ? '7' : ''].filter((code) => code !== '').join(';')
    text += codes === '' || piece === '' ? piece : `\u001b[${codes}m${piece}\u001b[0m`
  }
  return selected && left > 0 ? `${text}\u001b[7m${' '.repeat(left)}\u001b[0m` : text
}

/** A piece of a line that goes when there is no room: the higher, the sooner. */
export interface Piece {
  readonly segment: Segment
  readonly priority: number
}

/** As many of the pieces as fit, those that matter most first, in the order given. */
export function fitting(pieces: readonly Piece[], columns: number): readonly Segment[] {
  let left = columns
  const kept = new Set<Piece>()
  for (const piece of [...pieces].sort((a, b) => a.priority - b.priority)) {
    const width = widthOf(piece.segment.text)
    if (width > left) continue
    left -= width
    kept.add(piece)
  }
  return pieces.filter((piece) => kept.has(piece)).map(({ segment }) => segment)
}
