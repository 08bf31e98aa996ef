import type { PlannedAllocation, PlannedMembers } from '../../core/admin/index.ts'
import { compareText, queueKey } from '../../core/protocol/index.ts'

/** A member now and then. */
export interface PlannedClientItem {
  readonly clientId: string
  /** `stays`, `leaves` or `joins`. */
  readonly change: 'stays' | 'leaves' | 'joins'
  readonly queuesNow: number
  readonly queues: number
  readonly lagNow: number
  /** What waits in the queues it would have. */
  readonly lag: number
}

/** A queue that would go to somebody else. */
export interface MoveItem {
  readonly topic: string
  readonly broker: string
  readonly queue: number
  readonly effect: PlannedAllocation['effect']
  readonly from: readonly string[]
  readonly to: readonly string[]
  readonly lag: number | null
  /** Messages its owner has in hand now: they may come twice. */
  readonly cached: number
}

/** A plan for people and programs. */
export interface PlannedItems {
  readonly clients: readonly PlannedClientItem[]
  readonly moves: readonly MoveItem[]
  readonly totals: {
    readonly queues: number
    /** From one member to another. */
    readonly moved: number
    /** At most so many messages come twice. */
    readonly deliveredTwice: number
    readonly min: number
    readonly max: number
    readonly idle: readonly string[]
    readonly unowned: number
  }
}

/** What a plan is made readable with. */
interface PlanFacts {
  readonly members: PlannedMembers
  readonly present: readonly string[]
  /** By queue key; `undefined`: not known. */
  readonly lags: ReadonlyMap<string, number | undefined>
  readonly cached: ReadonlyMap<string, number>
  readonly userName: (name: string) => string
}

/** Makes a plan readable; names are the user's. */
export function plannedItems(planned: readonly PlannedAllocation[], facts: PlanFacts): PlannedItems {
  const { members, present, lags, cached, userName } = facts
  const lagOf = (queues: readonly PlannedAllocation[]): number =>
    queues.reduce((sum, { queue }) => sum + (lags.get(queueKey(queue)) ?? 0), 0)
  const there = new Set(members.clientIds)
  const clients = [...new Set([...present, ...there])].sort(compareText).map((clientId): PlannedClientItem => {
    const now = planned.filter(({ from }) => from.includes(clientId))
    const then = planned.filter(({ to }) => to.includes(clientId))
    const stays = present.includes(clientId) ? 'stays' : 'joins'
    return {
      clientId,
      change: there.has(clientId) ? stays : 'leaves',
      queuesNow: now.length,
      queues: then.length,
      lagNow: lagOf(now),
      lag: lagOf(then),
    }
  })
  const moves = planned
    .filter(({ effect }) => effect !== 'keep')
    .map(({ queue, effect, from, to }): MoveItem => {
      const key = queueKey(queue)
      const { topic, brokerName: broker, queueId } = queue
      const more = { lag: lags.get(key) ?? null, cached: cached.get(key) ?? 0 }
      return { topic: userName(topic), broker, queue: queueId, effect, from, to, ...more }
    })
  return { clients, moves, totals: totalsOf(planned, clients, moves) }
}

function totalsOf(
  planned: readonly PlannedAllocation[],
  clients: readonly PlannedClientItem[],
  moves: readonly MoveItem[],
): PlannedItems['totals'] {
  const there = clients.filter(({ change }) => change !== 'leaves')
  const counts = there.map(({ queues }) => queues)
  const moved = moves.filter(({ effect }) => effect === 'move')
  const left = planned.filter(({ effect }) => effect !== 'gone')
  return {
    queues: left.length,
    moved: moved.length,
    deliveredTwice: moved.reduce((sum, { cached }) => sum + cached, 0),
    min: Math.min(...counts),
    max: Math.max(...counts),
    idle: there.filter(({ queues }) => queues === 0).map(({ clientId }) => clientId),
    unowned: left.filter(({ to }) => to.length === 0).length,
  }
}
