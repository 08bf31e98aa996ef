import { type HeldQueue } from '../../core/consumer/index.ts'
import type { MessageQueue } from '../../core/protocol/index.ts'

/** Queues for people: `broker-a:0-3,7 broker-b:0`. */
export function queueRanges(queues: readonly MessageQueue[]): string {
  const byBroker = new Map<string, number[]>()
  for (const { brokerName, queueId } of queues) {
    const ids = byBroker.get(brokerName) ?? []
    ids.push(queueId)
    byBroker.set(brokerName, ids)
  }
  return [...byBroker].map(([brokerName, ids]) => `${brokerName}:${ranges(ids)}`).join(' ')
}

function ranges(ids: readonly number[]): string {
  const runs: { first: number; last: number }[] = []
  for (const id of [...ids].sort((a, b) => a - b)) {
    const run = runs.at(-1)
    if (run !== undefined && run.last === id - 1) run.last = id
    else runs.push({ first: id, last: id })
  }
  return runs.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`)).join(',')
}

/** The line that says which queues of a topic this member owns now. */
export function ownedLine(topic: string, queues: readonly MessageQueue[]): string {
  if (queues.length === 0) return `owning no queue of ${topic}: other members of the group have them all`
  const count = queues.length === 1 ? '1 queue' : `${queues.length} queues`
  return `owning ${count} of ${topic}: ${queueRanges(queues)}`
}

/** The line that says that a broker hands the messages of a topic out itself. */
export function poppedLine(topic: string, group: string): string {
  return `group ${group} consumes ${topic} by POP, as its broker asks`
}

/**
 * The line that says where `--from` did not count; `undefined` when it did everywhere. A broker before 5.0 says 0 of a
 * group that has committed nothing, which is where `first` begins anyway.
 */
export function committedLine(from: string, group: string, held: readonly HeldQueue[]): string | undefined {
  const isFirst = from === 'first' || from === 'earliest'
  const committed = held.filter(({ start }) => start.committed && !(isFirst && start.offset === 0))
  if (committed.length === 0) return undefined
  const which = `${committed.length} of ${held.length} ${held.length === 1 ? 'queue' : 'queues'}`
  return `--from ${from} did not count in ${which}: ${group} has committed offsets there and goes on from them`
}

/** Whether everything below its end is finished in every queue that has one. */
export function isPast(held: readonly HeldQueue[], endOf: (queue: MessageQueue) => number | undefined): boolean {
  return held.every(({ messageQueue, processQueue, pullLoop }) => {
    const end = endOf(messageQueue)
    if (end === undefined) return pullLoop.caughtUp
    const next = processQueue.backlog.count === 0 ? pullLoop.nextOffset : processQueue.bounds.min
    return next >= end
  })
}
