import { compareText, type MessageQueue, queueKey } from '../../protocol/index.ts'
import type { SharedTopic } from './group-allocation.ts'

/** What would be. */
export interface AllocationQuestion {
  /** With the queues there would be. */
  readonly topics: readonly SharedTopic[]
  /** Who would be there. */
  readonly clientIds: readonly string[]
  /** Who holds what now, by queue key; a queue that would be gone is here only. */
  readonly now: ReadonlyMap<string, { readonly queue: MessageQueue; readonly owners: readonly string[] }>
  /** A member's share of a topic, given all members, sorted. */
  readonly shareOf: (clientId: string, topic: SharedTopic, clientIds: readonly string[]) => readonly MessageQueue[]
}

/** A queue now and then. */
export interface PlannedAllocation {
  readonly queue: MessageQueue
  /** Who holds it now. */
  readonly from: readonly string[]
  /** Who would. */
  readonly to: readonly string[]
  /** `keep`; `move` between members; `new` and `gone` queues; `take`: nobody holds it now; `lose`: nobody would. */
  readonly effect: 'keep' | 'move' | 'new' | 'gone' | 'take' | 'lose'
}

/** Computes who would hold each queue; sorted as the topics are, queues that would be gone last. */
export function planAllocation(question: AllocationQuestion): readonly PlannedAllocation[] {
  const { topics, now, shareOf } = question
  const clientIds = [...question.clientIds].sort(compareText)
  const then = new Map<string, string[]>()
  for (const topic of topics) {
    for (const clientId of new Set(clientIds)) {
      for (const queue of shareOf(clientId, topic, clientIds)) {
        then.set(queueKey(queue), [...(then.get(queueKey(queue)) ?? []), clientId])
      }
    }
  }
  const planned = topics.flatMap(({ queues }) =>
    queues.map((queue): PlannedAllocation => {
      const key = queueKey(queue)
      const from = now.get(key)?.owners ?? []
      const to = then.get(key) ?? []
      return { queue, from, to, effect: now.has(key) ? effectOf(from, to) : 'new' }
    }),
  )
  const left = new Set(planned.map(({ queue }) => queueKey(queue)))
  const gone = [...now.values()].filter(({ queue }) => !left.has(queueKey(queue)))
  return [...planned, ...gone.map(({ queue, owners }) => ({ queue, from: owners, to: [], effect: 'gone' as const }))]
}

function effectOf(from: readonly string[], to: readonly string[]): PlannedAllocation['effect'] {
  if (from.length === 0) return to.length === 0 ? 'keep' : 'take'
  if (to.length === 0) return 'lose'
  return from.length === to.length && from.every((clientId) => to.includes(clientId)) ? 'keep' : 'move'
}

/** Which members there would be. */
export interface MembershipChange {
  /** How many in all. */
  readonly clients?: number | undefined
  /** Ids, or a number of them, each as text. */
  readonly add?: readonly string[] | undefined
  readonly remove?: readonly string[] | undefined
}

/** Members that would be there, and those made up for it. */
export interface PlannedMembers {
  readonly clientIds: readonly string[]
  /** Their names, which sort behind the addresses that client ids begin with. */
  readonly invented: readonly string[]
  /** Ids to be removed that are not there. */
  readonly missing: readonly string[]
}

/** Changes who is there. A number removes those that sort last, and adds members that would sort last. */
export function planMembers(present: readonly string[], change: MembershipChange): PlannedMembers {
  const invented: string[] = []
  const missing: string[] = []
  let clientIds = [...new Set(present)].sort(compareText)
  for (const one of change.remove ?? []) {
    if (isCount(one)) clientIds = clientIds.slice(0, Math.max(0, clientIds.length - Number(one)))
    else if (clientIds.includes(one)) clientIds = clientIds.filter((id) => id !== one)
    else missing.push(one)
  }
  const invent = (count: number): void => {
    for (let i = 0; i < count; i++) invented.push(`new-${String(invented.length + 1).padStart(3, '0')}`)
  }
  for (const one of change.add ?? []) {
    if (isCount(one)) invent(Number(one))
    else if (!clientIds.includes(one)) clientIds.push(one)
  }
  const { clients = clientIds.length + invented.length } = change
  clientIds = clientIds.sort(compareText).slice(0, clients)
  invented.splice(Math.max(0, clients - clientIds.length))
  invent(clients - clientIds.length - invented.length)
  return { clientIds: [...clientIds, ...invented].sort(compareText), invented, missing }
}

function isCount(text: string): boolean {
  return /^\d{1,4}$/.test(text)
}
