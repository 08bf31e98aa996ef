import type { MessageQueue } from '../../protocol/index.ts'
import type { OffsetStore } from '../offset/offset-store.ts'
import type { HeldQueue } from '../process-queue-table.ts'

/** What this process knows of one queue it holds: the one source of running info and of snapshots. */
export interface HeldFacts {
  readonly messageQueue: MessageQueue
  /** The offset that is stored with the next persist. */
  readonly committed: number
  readonly cached: number
  readonly cachedBytes: number
  readonly span: number
  /** The lowest unfinished offset and the highest pulled one; 0 when nothing is unfinished. */
  readonly lowest: number
  readonly highest: number
  readonly lastPull: number
  readonly lastConsume: number
  readonly dropped: boolean
  /** `undefined` for concurrent consumption. */
  readonly lock: { readonly held: boolean; readonly confirmedAt: number } | undefined
}

/** Looks at a queue. */
export function heldFacts(
  { messageQueue, processQueue, start }: HeldQueue,
  offsets: Pick<OffsetStore, 'inMemory'>,
): HeldFacts {
  const { backlog, bounds, lease } = processQueue
  return {
    messageQueue,
    committed: offsets.inMemory(messageQueue) ?? start.offset,
    cached: backlog.count,
    cachedBytes: backlog.sizeBytes,
    span: backlog.span,
    lowest: bounds.min,
    highest: bounds.max,
    lastPull: processQueue.lastPullTimestamp,
    lastConsume: processQueue.lastConsumeTimestamp,
    dropped: processQueue.dropped,
    lock: lease && { held: lease.held, confirmedAt: lease.lastLockTimestamp },
  }
}
