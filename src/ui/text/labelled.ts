import { type Line, line, styled } from './line.ts'
import { wrap } from './wrap.ts'

/** Columns of a label, with the blank before and behind it. */
const LABEL = 11

/** A label with its text, in as many lines as that takes on a screen of so many columns. */
export function labelled(label: string, text: string, columns: number): readonly Line[] {
  return wrap(text, columns - LABEL - 1).map((part, index) =>
    line(styled(` ${(index === 0 ? label : '').padEnd(LABEL - 1)}`, 'dim'), part),
  )
}
