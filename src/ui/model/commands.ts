import { groupAt } from './rows.ts'
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
    case 'events': {
      const groups = state.shown?.groups.map(({ group }) => ` -g ${quoted(group)}`).join('') ?? ''
      return `dashboard${groups} --plain`
    }
  }
}

/** The command that plans a reset of what the cursor is on; `undefined` where there is no queue to speak of. */
export function resetCommand(state: DashboardState, connectionWords: string): string | undefined {
  const { place, key } = hereIn(state)
  const group = groupAt(state.shown, place)
  const queue =
    place.kind === 'queue' ? place.queue : place.kind === 'queues' || place.kind === 'client' ? key : undefined
  if (group === undefined || queue === undefined) return undefined
  const [topic = '', name = ''] = queue.split(' ')
  return `mq offsets reset -g ${quoted(group.group)} ${quoted(topic)} --queue ${quoted(name)} --to committed --dry-run${connectionWords}`
}

function quoted(word: string): string {
  return /^[\w.:/@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
