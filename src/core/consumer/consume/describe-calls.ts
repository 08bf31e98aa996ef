import type { MessageQueue } from '../../protocol/index.ts'
import type { Batch } from '../process-queue.ts'

/** Calls that are running, for people: a line a call, the oldest first. */
export function describeCalls(
  calls: readonly { readonly messageQueue: MessageQueue; readonly batch: Batch; readonly startedAt: number }[],
  { now, limit }: { readonly now: number; readonly limit: number },
): string {
  const lines = calls.map(({ messageQueue, batch: { messages }, startedAt }) => {
    const { topic, brokerName, queueId } = messageQueue
    const offsets = `${messages[0]?.queueOffset ?? ''}–${messages.at(-1)?.queueOffset ?? ''}`
    return `${topic} ${brokerName}:${queueId} offsets ${offsets} running for ${Math.round(now - startedAt)} ms`
  })
  return [`listener calls in flight: ${calls.length} of ${limit}`, ...lines].join('\n')
}
