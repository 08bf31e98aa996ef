import { type MessageQueue, RETRY_PREFIX } from '../../protocol/index.ts'
import type { ConsumeFromWhere } from '../consumer-options.ts'

interface Parts {
  readonly consumeFromWhere: ConsumeFromWhere
  readonly readStored: (queue: MessageQueue) => Promise<number | undefined>
  readonly maxOffset: (queue: MessageQueue) => Promise<number>
  readonly searchOffset: (queue: MessageQueue, timestamp: number) => Promise<number>
}

/** Where a queue is pulled from first, and whether the group had an offset there. */
export interface StartOffset {
  readonly offset: number
  readonly committed: boolean
  /** Chosen by a seek: it is stored only when it is committed. */
  readonly sought?: boolean
}

/**
 * Where to begin in a queue (`RebalancePushImpl#computePullFromWhereWithException`): at the stored offset; without one
 * where `consumeFromWhere` says, a retry topic always from its start – but at its end for a start by time. Rejects when
 * a broker does not answer: the queue is then not taken yet.
 */
export async function computePullFromWhere(queue: MessageQueue, parts: Parts): Promise<StartOffset> {
  const stored = await parts.readStored(queue)
  if (stored !== undefined) return { offset: stored, committed: true }
  return { offset: await firstOffset(queue, parts), committed: false }
}

async function firstOffset(queue: MessageQueue, parts: Parts): Promise<number> {
  const retry = queue.topic.startsWith(RETRY_PREFIX)
  const where = parts.consumeFromWhere
  switch (where.from) {
    case 'first':
      return 0
    case 'last':
      return retry ? 0 : parts.maxOffset(queue)
    case 'timestamp':
      return retry ? parts.maxOffset(queue) : parts.searchOffset(queue, where.timestamp)
    case 'offset':
      return retry ? 0 : where.offsetOf(queue)
  }
}
