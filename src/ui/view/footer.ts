import { type DashboardState, hereIn } from '../model/state.ts'
import { widthOf } from '../text/cells.ts'
import { fitting, type Line, line, styled } from '../text/line.ts'
import { promptLine } from './prompt.ts'

/** The last line: what was said, what is being typed, else what keys do here. */
export function footerLine(state: DashboardState, counts: { readonly shown: number; readonly all: number }): Line {
  const { message, typing, filter, faultsOnly, prompt } = state
  if (prompt !== undefined) return promptLine(prompt, state.size.columns)
  if (message !== undefined) return line(' ', styled(message, 'bold'))
  if (typing) return line(' filter: ', styled(filter, 'bold'), '_', styled('  ! in front turns it round', 'dim'))
  const hidden = [
    ...(filter === '' ? [] : [`filter ${filter}`]),
    ...(faultsOnly ? ['faults only'] : []),
    ...(counts.shown < counts.all ? [`${counts.shown} of ${counts.all} rows`] : []),
  ]
  const why = hidden.length === 0 ? '' : ` ${hidden.join(', ')} (esc)`
  const keys = keysOf(state).map(([text, priority]) => ({ segment: styled(` ${text} `, 'dim'), priority }))
  return line(styled(why, 'warn'), ...fitting(keys, state.size.columns - widthOf(why)))
}

type Hint = readonly [string, number]

/** In the order they are shown, with how soon each goes when there is no room. */
function keysOf(state: DashboardState): readonly Hint[] {
  const ends: readonly Hint[] = [
    ['s save', 7],
    ['q quit', 0],
  ]
  const begins: readonly Hint[] = [
    ['? help', 1],
    ['/ filter', 3],
  ]
  switch (hereIn(state).place.kind) {
    case 'groups':
      return [
        ...begins,
        ['enter group', 2],
        ['L by lag', 5],
        ['f findings', 8],
        ['e events', 6],
        ['space pause', 4],
        ...ends,
      ]
    case 'queues':
      return [
        ...begins,
        ['enter queue', 2],
        ['tab clients', 4],
        ['L by lag', 6],
        ['z faults', 5],
        ['f findings', 9],
        ['space pause', 8],
        ...ends,
      ]
    case 'clients':
      return [...begins, ['enter its queues', 2], ['tab queues', 4], ['C by cached', 6], ['e events', 5], ...ends]
    case 'client':
      return [...begins, ['enter queue', 4], ['esc back', 2], ['L by lag', 5], ['z faults', 6], ...ends]
    case 'findings':
      return [...begins, ['enter read', 2], ['esc back', 4], ['ctrl-r look again', 5], ['y command line', 6], ...ends]
    case 'finding':
      return [['? help', 1], ['esc back', 2], ['y command line', 4], ...ends]
    case 'plan':
      return [['? help', 1], ['esc back', 2], ['r another', 3], ['y command line', 4], ...ends]
    case 'queue':
      return [['? help', 1], ['esc back', 2], ['r plan a reset', 3], ['y command line', 4], ['space pause', 5], ...ends]
    case 'events':
      return [['? help', 1], ['esc back', 2], ['y command line', 4], ...ends]
  }
}
