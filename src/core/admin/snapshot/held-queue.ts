import type { ProcessQueueInfo } from '../../protocol/index.ts'
import type { QueueSnapshot } from '../../telemetry/index.ts'
import type { GroupMemberFacts } from '../offsets/group-members.ts'

/** What the owner of a queue tells of it (307), as a snapshot has it. */
export interface HeldQueue
  extends Pick<
    QueueSnapshot,
    'cached' | 'cachedBytes' | 'span' | 'inflight' | 'headOffset' | 'locked' | 'paused' | 'lastPull' | 'lastConsume'
  > {
  readonly clientId: string
  /** What it would commit now; `null` for one that pops. */
  readonly position: number | null
  /** Where it has pulled to; `null` for one that pops. */
  readonly pulledTo: number | null
}

const MIB = 1024 * 1024

/** The queues a member holds and has not given up, each with its key's parts. */
export function heldQueues(member: Pick<GroupMemberFacts, 'clientId' | 'info'>) {
  const { clientId, info } = member
  if (info === undefined) return []
  const orderly = isOrderly(member)
  const pulled = info.mqTable
    .filter(([, { droped }]) => !droped)
    .map(([queue, told]) => ({ queue, held: pulledQueue(clientId, told, orderly) }))
  const popped = info.mqPopTable
    .filter(([, { droped }]) => !droped)
    .map(([queue, { waitAckCount, lastPopTimestamp }]) => ({
      queue,
      held: poppedQueue(clientId, waitAckCount, lastPopTimestamp),
    }))
  return [...pulled, ...popped]
}

/** Whether a member consumes in order, as it tells. */
export function isOrderly({ info }: Pick<GroupMemberFacts, 'info'>): boolean {
  return info?.properties.get('PROP_CONSUMEORDERLY') === 'true'
}

/** Offsets at the ends count only where there are messages; what is being consumed in order is counted apart. */
function pulledQueue(clientId: string, told: ProcessQueueInfo, orderly: boolean): HeldQueue {
  const { cachedMsgCount, transactionMsgCount } = told
  const lows = [
    ...(cachedMsgCount > 0 ? [told.cachedMsgMinOffset] : []),
    ...(transactionMsgCount > 0 ? [told.transactionMsgMinOffset] : []),
  ]
  const highs = [
    ...(cachedMsgCount > 0 ? [told.cachedMsgMaxOffset] : []),
    ...(transactionMsgCount > 0 ? [told.transactionMsgMaxOffset] : []),
  ]
  const head = lows.length === 0 ? null : Math.min(...lows)
  const last = highs.length === 0 ? null : Math.max(...highs)
  const position = told.commitOffset >= 0 ? told.commitOffset : null
  return {
    clientId,
    cached: cachedMsgCount + transactionMsgCount,
    cachedBytes: told.cachedMsgSizeInMiB * MIB,
    span: head === null || last === null ? 0 : last - head,
    inflight: orderly ? transactionMsgCount : null,
    headOffset: head,
    locked: orderly ? told.locked : null,
    paused: null,
    lastPull: timeOf(told.lastPullTimestamp),
    lastConsume: timeOf(told.lastConsumeTimestamp),
    position,
    pulledTo: last === null ? position : last + 1,
  }
}

function poppedQueue(clientId: string, waitAckCount: number, lastPop: number): HeldQueue {
  return {
    clientId,
    cached: waitAckCount,
    cachedBytes: null,
    span: null,
    inflight: null,
    headOffset: null,
    locked: null,
    paused: null,
    lastPull: timeOf(lastPop),
    lastConsume: null,
    position: null,
    pulledTo: null,
  }
}

function timeOf(told: number): number | null {
  return told > 0 ? told : null
}
