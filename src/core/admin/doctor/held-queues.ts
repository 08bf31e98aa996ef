import type { ConsumerRunningInfo, MessageQueue, ProcessQueueInfo } from '../../protocol/index.ts'
import type { GroupMemberFacts } from '../offsets/group-members.ts'
import type { Look } from './look.ts'

/** A queue as the member that pulls it has it. */
export interface HeldQueue {
  readonly queue: MessageQueue
  readonly clientId: string
  readonly info: ConsumerRunningInfo
  readonly held: ProcessQueueInfo
  readonly orderly: boolean
  /** The lowest offset that is not finished; `undefined`: nothing is. */
  readonly head: number | undefined
  /** The member's own time at the look. */
  readonly now: number
}

/** Which queues members pull and have not given up. */
export function heldQueues({ members, at }: Pick<Look, 'members' | 'at'>): readonly HeldQueue[] {
  return members.flatMap(({ clientId, info }) => {
    if (info === undefined) return []
    const orderly = isOrderly(info)
    const now = at + aheadMs(info, at)
    return info.mqTable
      .filter(([, { droped }]) => !droped)
      .map(([queue, held]) => ({ queue, clientId, info, held, orderly, head: headOf(held), now }))
  })
}

/** The same queue of the same member at another look. */
export function sameQueue(among: readonly HeldQueue[], { queue, clientId }: HeldQueue): HeldQueue | undefined {
  return among.find(
    (other) =>
      other.clientId === clientId &&
      other.queue.topic === queue.topic &&
      other.queue.brokerName === queue.brokerName &&
      other.queue.queueId === queue.queueId,
  )
}

/** Whether a member consumes in order. */
export function isOrderly(info: ConsumerRunningInfo): boolean {
  return info.properties.get('PROP_CONSUMEORDERLY') === 'true'
}

/** What is taken in order and not finished is shown apart from what waits (`ProcessQueueInfo.java`). */
function headOf(held: ProcessQueueInfo): number | undefined {
  if (held.transactionMsgCount > 0) return held.transactionMsgMinOffset
  return held.cachedMsgCount > 0 ? held.cachedMsgMinOffset : undefined
}

/** How far a member's clock is ahead of ours at least, in ms: nothing it tells can have happened later than now. */
export function aheadMs(info: ConsumerRunningInfo, at: number): number {
  const told = info.mqTable.flatMap(([, held]) => [
    held.lastPullTimestamp,
    held.lastConsumeTimestamp,
    held.lastLockTimestamp,
  ])
  return Math.max(0, Math.max(Number(info.properties.get('PROP_CONSUMER_START_TIMESTAMP') ?? 0), ...told) - at)
}

/** Heads read for one look at most; those that wait for the longest come first. */
const MAX_HEADS = 64

/** The heads of queues that hold something, those first that were quiet for the longest. */
export function heldHeads(
  members: readonly GroupMemberFacts[],
  at: number,
): readonly { readonly queue: MessageQueue; readonly offset: number }[] {
  return [...heldQueues({ members, at })]
    .sort((a, b) => a.held.lastConsumeTimestamp - b.held.lastConsumeTimestamp)
    .flatMap(({ queue, head }) => (head === undefined ? [] : [{ queue, offset: head }]))
    .slice(0, MAX_HEADS)
}
