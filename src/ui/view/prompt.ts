import { problemLines } from '../model/problem-lines.ts'
import { type ResetPrompt, scopeOf, scopeText } from '../model/reset.ts'
import { cut, widthOf } from '../text/cells.ts'
import { fitting, type Line, line, styled } from '../text/line.ts'

/** What is asked, of what, and what was wrong with the answer. */
export function promptPanel(prompt: ResetPrompt, columns: number): readonly Line[] {
  const { scopes, chosen } = prompt
  const next = scopes[(chosen + 1) % scopes.length]
  const more = next === undefined || scopes.length === 1 ? '' : `  tab: ${scopeText(next)}`
  return [
    line(styled(` RESET ${scopeText(scopeOf(prompt))}`, 'bold'), styled(more, 'dim')),
    ...problemLines(prompt, columns).map((text, index) => line(styled(`${index === 0 ? ' !' : '  '} ${text}`, 'bad'))),
  ]
}

/** The line in which a position is typed. */
export function promptLine({ text, planning }: ResetPrompt, columns: number): Line {
  if (planning) return line(` to: ${text}`, styled('  making the plan  esc stops it', 'dim'))
  const shown = widthOf(text) > columns - 12 ? `..${cut(text.slice(-(columns - 14)), columns - 14)}` : text
  const hints = ['  first, last, =1200, -100, 2h ago, a time, @group', '  enter plan', '  esc']
  const pieces = hints.map((hint, index) => ({ segment: styled(hint, 'dim'), priority: 3 - index }))
  return line(' to: ', styled(shown, 'bold'), '_', ...fitting(pieces, columns - 6 - widthOf(shown)))
}
