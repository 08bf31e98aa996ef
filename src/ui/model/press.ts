import { equivalentCommand, resetCommand } from './commands.ts'
import type { Key } from './keys.ts'
import { layoutOf } from './layout.ts'
import { openPrompt, type PromptEffect, typePosition } from './prompt.ts'
import { back, enter, filterBy, goTo, move, sortBy, switchPane, toggleFaults, togglePause } from './reduce.ts'
import { sortLetters } from './rows.ts'
import { type DashboardState, hereIn } from './state.ts'

/** What a key wants beyond the screen. */
export type Effect = 'quit' | 'save' | 'interrupt' | 'suspend' | 'repaint' | 'examine' | PromptEffect

/** What a key has done. */
export interface Pressed {
  readonly state: DashboardState
  readonly effect?: Effect
}

/** Does what a key means here. `connectionWords` go with every command line that is shown. */
export function press(before: DashboardState, key: Key, connectionWords: string): Pressed {
  const state = before.message === undefined ? before : { ...before, message: undefined }
  switch (key.name) {
    case 'ctrl-c':
      return { state, effect: 'interrupt' }
    case 'ctrl-z':
      return { state, effect: 'suspend' }
    case 'ctrl-l':
      return { state, effect: 'repaint' }
    default:
      if (state.prompt !== undefined) return typePosition(state, state.prompt, key)
      if (state.typing) return { state: typed(state, key) }
      // Whatever is pressed, help goes away.
      if (state.help) return { state: { ...state, help: false } }
      if (key.name === 'ctrl-r') return { state, effect: 'examine' }
      return key.name === 'text' ? command(state, key.text, connectionWords) : { state: navigate(state, key) }
  }
}

function typed(state: DashboardState, key: Key): DashboardState {
  switch (key.name) {
    case 'enter':
      return { ...state, typing: false }
    case 'esc':
      return filterBy({ ...state, typing: false }, '')
    case 'backspace':
      return state.filter === '' ? { ...state, typing: false } : filterBy(state, state.filter.slice(0, -1))
    case 'text':
      return filterBy(state, state.filter + key.text)
    default:
      return navigate(state, key)
  }
}

function navigate(state: DashboardState, { name }: Key): DashboardState {
  const page = Math.max(1, layoutOf(state).body - 1)
  switch (name) {
    case 'up':
      return move(state, -1)
    case 'down':
      return move(state, 1)
    case 'pageup':
      return move(state, -page)
    case 'pagedown':
      return move(state, page)
    case 'home':
      return move(state, Number.NEGATIVE_INFINITY)
    case 'end':
      return move(state, Number.POSITIVE_INFINITY)
    case 'enter':
    case 'right':
      return enter(state)
    case 'esc':
    case 'left':
    case 'backspace':
      return back(state)
    case 'tab':
      return switchPane(state)
    default:
      return state
  }
}

function command(state: DashboardState, letter: string, connectionWords: string): Pressed {
  if (letter in sortLetters) return { state: sortBy(state, sortLetters[letter as keyof typeof sortLetters]) }
  switch (letter) {
    case 'q':
      return { state, effect: 'quit' }
    case 's':
      return { state, effect: 'save' }
    case '/':
      return { state: filterBy({ ...state, typing: true }, '') }
    case ' ':
      return { state: togglePause(state) }
    case '?':
      return { state: { ...state, help: true } }
    case 'y':
      return { state: { ...state, message: equivalentCommand(state, connectionWords) } }
    case 'r':
      return { state: reset(state, connectionWords) }
    case 'f':
      return findings(state)
    default:
      return { state: moved(state, letter) }
  }
}

/** Without a cluster to ask there is no plan, but what would make one. */
function reset(state: DashboardState, connectionWords: string): DashboardState {
  const prompted = state.canPlan ? openPrompt(state) : undefined
  if (prompted !== undefined) return prompted
  const message = state.canPlan ? undefined : resetCommand(state, connectionWords)
  return { ...state, message: message ?? 'put the cursor on a queue or a group to plan a reset of it' }
}

/** What is wrong here, or back. Who looks there wants it to be new. */
function findings(state: DashboardState): Pressed {
  const { place } = hereIn(state)
  if (place.kind === 'findings') return { state: back(state) }
  const group = 'group' in place ? place.group : undefined
  return { state: goTo(state, { kind: 'findings', group }), effect: 'examine' }
}

function moved(state: DashboardState, letter: string): DashboardState {
  switch (letter) {
    case 'k':
      return move(state, -1)
    case 'j':
      return move(state, 1)
    case 'g':
      return move(state, Number.NEGATIVE_INFINITY)
    case 'G':
      return move(state, Number.POSITIVE_INFINITY)
    case 'z':
      return toggleFaults(state)
    case 'w':
      return { ...state, wide: !state.wide }
    case 'e':
      return hereIn(state).place.kind === 'events' ? back(state) : goTo(state, { kind: 'events' })
    default:
      return state
  }
}
