import type { ResetPlan, ResetRequest } from '../../core/telemetry/index.ts'
import type { Key } from './keys.ts'
import { goTo, settled } from './reduce.ts'
import { type ResetPrompt, scopeOf } from './reset.ts'
import { resetScopes } from './reset-scopes.ts'
import type { DashboardState } from './state.ts'

/** What a key in the prompt wants beyond the screen. */
export type PromptEffect = 'plan' | 'stop-planning'

interface Prompted {
  readonly state: DashboardState
  readonly effect?: PromptEffect
}

/** Asks for the position of a reset. `undefined` where there is nothing to reset. */
export function openPrompt(state: DashboardState): DashboardState | undefined {
  const scopes = resetScopes(state)
  if (scopes.length === 0) return undefined
  return withPrompt(state, { scopes, chosen: 0, text: state.lastPosition, problem: undefined, planning: false })
}

/** Does what a key means while a position is typed. */
export function typePosition(state: DashboardState, prompt: ResetPrompt, key: Key): Prompted {
  if (prompt.planning) {
    if (key.name !== 'esc') return { state }
    return { state: withPrompt(state, { ...prompt, planning: false }), effect: 'stop-planning' }
  }
  const { text, scopes, chosen } = prompt
  const changed = (more: Partial<ResetPrompt>): Prompted => ({
    state: withPrompt(state, { ...prompt, problem: undefined, ...more }),
  })
  switch (key.name) {
    case 'esc':
      return { state: withPrompt(state, undefined) }
    case 'tab':
      return changed({ chosen: (chosen + 1) % scopes.length })
    case 'backspace':
      return text === '' ? { state: withPrompt(state, undefined) } : changed({ text: text.slice(0, -1) })
    case 'ctrl-u':
      return changed({ text: '' })
    case 'text':
      return changed({ text: text + key.text })
    case 'enter':
      if (text.trim() === '') return changed({ problem: 'where to? for example first, last, =1200 or 2h ago' })
      return { ...changed({ planning: true }), effect: 'plan' }
    default:
      return { state }
  }
}

/** What is asked for; `undefined` when nothing is. */
export function promptRequest({ prompt }: DashboardState): ResetRequest | undefined {
  return prompt?.planning === true ? { ...scopeOf(prompt), to: prompt.text.trim() } : undefined
}

/** Shows a plan that was made; one in place of another. */
export function showPlan(state: DashboardState, plan: ResetPlan): DashboardState {
  const before = state.visits.at(-1)?.place.kind === 'plan' ? state.visits.slice(0, -1) : state.visits
  const asked = { ...state, visits: before, prompt: undefined, lastPosition: plan.request.to }
  return goTo(asked, { kind: 'plan', group: plan.request.group, plan })
}

/** Says what was wrong, and lets it be corrected. */
export function refusePosition(state: DashboardState, problem: string): DashboardState {
  const { prompt } = state
  return prompt === undefined ? state : withPrompt(state, { ...prompt, planning: false, problem })
}

/** The prompt takes rows away from what is above it. */
function withPrompt(state: DashboardState, prompt: ResetPrompt | undefined): DashboardState {
  return settled({ ...state, prompt })
}
