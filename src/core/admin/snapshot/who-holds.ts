import { compareText, type MessageQueue, queueKey } from '../../protocol/index.ts'
import { type QueueSnapshot, queueState } from '../../telemetry/index.ts'
import { anyQueueKey, isAnyQueue } from '../popped-queues.ts'
import { type HeldQueue, heldQueues } from './held-queue.ts'

/** Who holds what, by queue key; with each key the queue it is of. */
export type Holders = ReadonlyMap<string, { readonly queue: MessageQueue; readonly held: readonly HeldQueue[] }>

/** What members hold and have not given up. */
export function holdersOf(members: readonly Parameters<typeof heldQueues>[0][]): Holders {
  const holders = new Map<string, { readonly queue: MessageQueue; readonly held: HeldQueue[] }>()
  for (const { queue, held } of members.flatMap(heldQueues)) {
    const key = queueKey(queue)
    const known = holders.get(key)
    if (known === undefined) holders.set(key, { queue, held: [held] })
    else known.held.push(held)
  }
  return holders
}

/** Who holds a queue, whoever counts first: of members that all read it the one that is furthest behind. */
export function whoHolds(queue: MessageQueue, holders: Holders): readonly HeldQueue[] {
  const own = holders.get(queueKey(queue))?.held ?? []
  const popping = holders.get(anyQueueKey(queue))?.held ?? []
  // How much of what a member popped is of this queue it does not tell.
  const lastPull = latest(popping)
  const any = popping.map((held) => ({ ...held, cached: null, lastPull }))
  return [...[...own].sort((a, b) => (a.position ?? Infinity) - (b.position ?? Infinity)), ...any]
}

/** What was popped from any queue of a broker, a row for each: queues themselves are not told of. */
export function poppedFromAny(
  holders: Holders,
  options: { readonly userName: (topic: string) => string; readonly asOf: number },
): readonly QueueSnapshot[] {
  return [...holders.values()].flatMap(({ queue, held }) => (isAnyQueue(queue) ? [anyQueue(queue, held, options)] : []))
}

function anyQueue(
  { topic, brokerName, queueId }: MessageQueue,
  held: readonly HeldQueue[],
  { userName, asOf }: { readonly userName: (topic: string) => string; readonly asOf: number },
): QueueSnapshot {
  const owners = held.map(({ clientId }) => clientId).sort(compareText)
  const nothing = { min: null, max: null, committed: null, lag: null, oldestUnread: null, headOffset: null }
  const seen = {
    ...{ cached: held.reduce((sum, { cached }) => sum + (cached ?? 0), 0), cachedBytes: null, span: null },
    ...{ inflight: null, headSince: null, locked: null, paused: null, lastPull: latest(held) },
  }
  const facts = { ...seen, owners: owners.slice(0, 1), lag: 0, limits: null, asOf }
  return {
    ...{ topic: userName(topic), broker: brokerName, queue: queueId, owners, ...nothing, ...seen },
    ...{ lastConsume: null, pressure: null, state: queueState(facts), latency: null },
  }
}

function latest(held: readonly HeldQueue[]): number | null {
  const times = held.flatMap(({ lastPull }) => lastPull ?? [])
  return times.length === 0 ? null : Math.max(...times)
}
