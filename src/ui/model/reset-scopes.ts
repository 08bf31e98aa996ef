import type { GroupSnapshot, ResetScope } from '../../core/telemetry/index.ts'
import { groupAt } from './rows.ts'
import { type DashboardState, hereIn } from './state.ts'

/** How topics are called where messages of a group come again: a reset of the group is not one of those. */
const RETRY = '%RETRY%'

/** What a reset could be of here, the nearest first: the queue of the cursor, its topic, all topics of the group. */
export function resetScopes(state: DashboardState): readonly ResetScope[] {
  const { place, key } = hereIn(state)
  if (place.kind === 'plan') return around(place.plan.request, state)
  const named = place.kind === 'groups' ? key : undefined
  const group = state.shown?.groups.find((one) => one.group === named) ?? groupAt(state.shown, place)
  if (group === undefined) return []
  const queue =
    place.kind === 'queue' ? place.queue : place.kind === 'queues' || place.kind === 'client' ? key : undefined
  return queue === undefined ? ofGroup(group) : ofQueue(group, queue)
}

/** What a plan was of, and then the others. */
function around(scope: ResetScope, { shown }: DashboardState): readonly ResetScope[] {
  const { group, topics, queue } = scope
  const seen = shown?.groups.find((one) => one.group === group)
  const [topic = ''] = topics
  if (seen === undefined) return [{ group, topics, queue }]
  if (queue !== undefined) return ofQueue(seen, `${topic} ${queue}`)
  const others = ofGroup(seen).filter((one) => one.topics.join('\n') !== topics.join('\n'))
  return [{ group, topics, queue }, ...others]
}

function ofQueue(group: GroupSnapshot, queueKey: string): readonly ResetScope[] {
  const [topic = '', name = ''] = queueKey.split(' ')
  const topics = ownTopics(group)
  const of = { group: group.group, queue: undefined }
  return [
    // Whoever pops has no queue that an offset could be set of.
    ...(name.endsWith(':-1') ? [] : [{ ...of, topics: [topic], queue: name }]),
    { ...of, topics: [topic] },
    // Of a retry topic that are others.
    ...(topics.some((one) => one !== topic) ? [{ ...of, topics }] : []),
  ]
}

function ofGroup(group: GroupSnapshot): readonly ResetScope[] {
  const topics = ownTopics(group)
  const of = { group: group.group, queue: undefined }
  if (topics.length < 2) return topics.map((topic) => ({ ...of, topics: [topic] }))
  return [{ ...of, topics }, ...topics.map((topic) => ({ ...of, topics: [topic] }))]
}

function ownTopics({ queues }: GroupSnapshot): readonly string[] {
  return [...new Set(queues.map(({ topic }) => topic))].filter((topic) => !topic.startsWith(RETRY))
}
