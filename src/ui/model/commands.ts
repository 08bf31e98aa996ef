import type { ResetRequest } from '../../core/telemetry/index.ts'
import { resetScopes } from './reset-scopes.ts'
import { type DashboardState, hereIn, type Place } from './state.ts'

/** The command that tells in lines what is on the screen. */
export function equivalentCommand(state: DashboardState, connectionWords: string): string {
  const { place } = hereIn(state)
  return `mq ${wordsOf(place, state)}${connectionWords}`
}

function wordsOf(place: Place, state: DashboardState): string {
  switch (place.kind) {
    case 'groups':
      return 'groups list --online'
    case 'queues':
      return `dashboard -g ${quoted(place.group)} --once`
    case 'clients':
      return `groups show -g ${quoted(place.group)}`
    case 'client':
      return `groups show -g ${quoted(place.group)} --client ${quoted(place.clientId)}`
    case 'queue': {
      const [topic = ''] = place.queue.split(' ')
      return `offsets show -g ${quoted(place.group)} ${quoted(topic)}`
    }
    case 'findings':
      return place.group === undefined ? 'doctor' : `doctor -g ${quoted(place.group)}`
    case 'finding':
      return `doctor -g ${quoted(place.group)}`
    case 'plan':
      return dryRun(place.plan.request)
    case 'events': {
      const groups = state.shown?.groups.map(({ group }) => ` -g ${quoted(group)}`).join('') ?? ''
      return `dashboard${groups} --plain`
    }
  }
}

/** The command that plans a reset of what the cursor is on; `undefined` where there is nothing to speak of. */
export function resetCommand(state: DashboardState, connectionWords: string): string | undefined {
  const [scope] = resetScopes(state)
  return scope === undefined ? undefined : `mq ${dryRun({ ...scope, to: 'committed' })}${connectionWords}`
}

/** Of several topics the first: one command is for one topic. */
function dryRun({ group, topics: [topic = ''], queue, to }: ResetRequest): string {
  const only = queue === undefined ? '' : ` --queue ${quoted(queue)}`
  const where = to.startsWith('-') ? `--to=${quoted(to)}` : `--to ${quoted(to)}`
  return `offsets reset -g ${quoted(group)} ${quoted(topic)}${only} ${where} --dry-run`
}

function quoted(word: string): string {
  return /^[\w.:/@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
