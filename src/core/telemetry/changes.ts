import { shownQueues } from './shown-queues.ts'
import type { GroupSnapshot, QueueSnapshot, Snapshot } from './snapshot.ts'
import { isFaulty, stateSentence } from './state-sentence.ts'

/** What pictures and events may both tell of queues. */
export type Fact = 'owner' | 'flow on' | 'flow off' | 'lock on' | 'lock off' | 'reset'

/** What is different in one snapshot from the one before, as a sentence. */
export interface Change {
  readonly at: number
  /** Empty for what is no group's. */
  readonly group: string
  readonly kind:
    | 'member'
    | 'owner'
    | 'state'
    | 'flow'
    | 'lock'
    | 'reset'
    | 'retry'
    | 'dead-letters'
    | 'error'
    | 'answer'
  /** Names what pictures and events may both tell. */
  readonly fact?: Fact
  /** It needs somebody's attention. */
  readonly fault: boolean
  /** Complete, and begins with the group. */
  readonly text: string
  /** Keys of the queues it is about ({@link queueId}). */
  readonly queues: readonly string[]
}

/** Of so many queues at most each is told; of more, how many. */
const TOLD_QUEUES = 4

/** A text that names one queue of a group: TOPIC BROKER:ID. */
export function queueId({ topic, broker, queue }: Pick<QueueSnapshot, 'topic' | 'broker' | 'queue'>): string {
  return `${topic} ${broker}:${queue}`
}

/** What has changed from one snapshot to the next: pure, and the same for the event log and for `--plain`. */
export function changesBetween(before: Snapshot, after: Snapshot): readonly Change[] {
  const known = new Map(before.groups.map((group) => [group.group, group]))
  return [
    ...answers(before, after),
    ...after.groups.flatMap((group) => {
      const earlier = known.get(group.group)
      return earlier === undefined ? [] : groupChanges(earlier, group, after.asOf)
    }),
  ]
}

function answers(before: Snapshot, after: Snapshot): Change[] {
  const silentBefore = new Set(before.errors.map(({ subject }) => subject))
  const silentAfter = new Set(after.errors.map(({ subject }) => subject))
  const about = { at: after.asOf, group: '', kind: 'answer', queues: [] } as const
  return [
    ...after.errors
      .filter(({ subject }) => !silentBefore.has(subject))
      .map(({ subject, message }) => ({ ...about, fault: true, text: `${subject} does not answer: ${message}` })),
    ...[...silentBefore]
      .filter((subject) => !silentAfter.has(subject))
      .map((subject) => ({ ...about, fault: false, text: `${subject} is answering again, or gone` })),
  ]
}

function groupChanges(before: GroupSnapshot, after: GroupSnapshot, at: number): Change[] {
  const about = { at, group: after.group }
  return [
    ...memberChanges(before, after).map((text) => ({
      ...about,
      kind: 'member' as const,
      fault: false,
      text,
      queues: [],
    })),
    ...queueChanges(before, after).map((change) => ({ ...about, ...change })),
    ...deadLetters(before, after).map((text) => ({
      ...about,
      kind: 'dead-letters' as const,
      fault: true,
      text,
      queues: [],
    })),
  ].map((change) => ({ ...change, text: `${after.group}: ${change.text}` }))
}

function memberChanges(before: GroupSnapshot, after: GroupSnapshot): string[] {
  const earlier = new Set(before.clients.map(({ clientId }) => clientId))
  const now = new Set(after.clients.map(({ clientId }) => clientId))
  const count = `${now.size} ${now.size === 1 ? 'member' : 'members'} now`
  return [
    ...[...now].filter((id) => !earlier.has(id)).map((id) => `${id} has joined, ${count}`),
    ...[...earlier].filter((id) => !now.has(id)).map((id) => `${id} has left, ${count}`),
  ]
}

type QueueChange = Pick<Change, 'kind' | 'fact' | 'fault' | 'text' | 'queues'>

/** Changes of the same kind are told together: a rebalance moves hundreds of queues at once. */
function queueChanges(before: GroupSnapshot, after: GroupSnapshot): QueueChange[] {
  const earlier = new Map(before.queues.map((queue) => [queueId(queue), queue]))
  const alike = new Map<string, { readonly queues: QueueSnapshot[]; readonly tell: (which: string) => QueueChange }>()
  for (const queue of shownQueues(after)) {
    const known = earlier.get(queueId(queue))
    if (known === undefined) continue
    for (const { key, tell } of [
      ...ownerChange(known, queue, after),
      ...stateChange(known, queue),
      ...resetOf(known, queue),
    ]) {
      const others = alike.get(key)
      if (others === undefined) alike.set(key, { queues: [queue], tell })
      else others.queues.push(queue)
    }
  }
  return [...alike.values()].map(({ queues, tell }) => ({
    ...tell(nameSnapshots(queues)),
    queues: queues.map(queueId),
  }))
}

interface Alike {
  readonly key: string
  readonly tell: (which: string) => QueueChange
}

function ownerChange(before: QueueSnapshot, after: QueueSnapshot, group: GroupSnapshot): Alike[] {
  const [from, to] = [before.owners.join(' and '), after.owners.join(' and ')]
  if (from === to) return []
  const how =
    joint(before.owners, after.owners) ??
    (to === '' ? `held by nobody, it was ${from}` : from === '' ? `now held by ${to}` : `moved from ${from} to ${to}`)
  const key = `owner ${after.topic} ${from} ${to}`
  return [
    {
      key,
      tell: (which) => ({
        kind: 'owner',
        fact: 'owner',
        fault: to === '' && group.online,
        text: `${which} ${how}`,
        queues: [],
      }),
    },
  ]
}

/** Of a queue that several may read: who does so, too, and who does not any more. */
function joint(before: readonly string[], after: readonly string[]): string | undefined {
  if (!after.some((owner) => before.includes(owner))) return undefined
  const more = after.filter((owner) => !before.includes(owner)).join(' and ')
  const less = before.filter((owner) => !after.includes(owner)).join(' and ')
  const parts = [
    ...(more === '' ? [] : [`held by ${more}, too`]),
    ...(less === '' ? [] : [`not held by ${less} any more`]),
  ]
  return parts.join(', and ')
}

/** Between OK and BUSY queues go to and fro all the time; who holds a queue is told as a change of owners. */
function stateChange(before: QueueSnapshot, after: QueueSnapshot): Alike[] {
  const [was, is] = [quiet(before.state), quiet(after.state)]
  if (was === is) return []
  const key = `state ${after.topic} ${was} ${is}`
  const text = is === 'OK' ? `all right again, was ${was}` : `${is}: ${stateSentence(after.state)}`
  const fact = factOf(was, is)
  return [
    {
      key,
      tell: (which) => ({
        kind: 'state',
        ...(fact && { fact }),
        fault: isFaulty(after.state),
        text: `${which} ${text}`,
        queues: [],
      }),
    },
  ]
}

/** A state that only begins or ends what an event tells, too. */
function factOf(was: QueueSnapshot['state'], is: QueueSnapshot['state']): Fact | undefined {
  if (is === 'FLOW') return was === 'OK' ? 'flow on' : undefined
  if (is === 'NOLOCK') return 'lock off'
  if (is !== 'OK') return undefined
  return was === 'FLOW' ? 'flow off' : was === 'NOLOCK' ? 'lock on' : undefined
}

function quiet(state: QueueSnapshot['state']): QueueSnapshot['state'] {
  return state === 'BUSY' || state === 'NOOWNER' ? 'OK' : state
}

function resetOf(before: QueueSnapshot, after: QueueSnapshot): Alike[] {
  const [from, to] = [before.committed, after.committed]
  if (from === null || to === null || to >= from) return []
  const key = `reset ${after.topic} ${after.broker} ${after.queue}`
  return [
    {
      key,
      tell: (which) => ({
        kind: 'reset',
        fact: 'reset',
        fault: false,
        text: `${which} was set back from ${from} to ${to}`,
        queues: [],
      }),
    },
  ]
}

function deadLetters(before: GroupSnapshot, after: GroupSnapshot): string[] {
  const [was, is] = [before.totals.dlq, after.totals.dlq]
  if (was === null || is === null || is <= was) return []
  return [`${is - was} ${is - was === 1 ? 'message has become a dead letter' : 'messages have become dead letters'}`]
}

function nameSnapshots(queues: readonly QueueSnapshot[]): string {
  return nameQueues(
    queues[0]?.topic ?? '',
    queues.map(({ broker, queue }) => `${broker}:${queue}`),
  )
}

/** Queues of a topic in a text: each, or how many. */
export function nameQueues(topic: string, names: readonly string[]): string {
  if (names.length > TOLD_QUEUES) return `${names.length} queues of ${topic}`
  return `${topic} ${names.join(', ')}`
}
