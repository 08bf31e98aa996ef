import type { MessageQueue } from '../../protocol/index.ts'
import type { Batch } from '../process-queue.ts'

/** Calls that are running, for people: a line a call, the oldest first. */
export function describeCalls(
  calls: readonly { readonly messageQueue: MessageQueue; readonly batch: Batch; readonly startedAt: number }[],
  { now, limit, handedOn = 0 }: { readonly now: number; readonly limit: number; readonly handedOn?: number },
): string {
  const lines = calls.map(({ messageQueue, batch: { messages }, startedAt }) => {
    const { topic, brokerName, queueId } = messageQueue
    const offsets = `${messages[0]?.queueOffset ?? ''}–${messages.at(-1)?.queueOffset ?? ''}`
    return `${topic} ${brokerName}:${queueId} offsets ${offsets} running for ${Math.round(now - startedAt)} ms`
  })
  const waiting = handedOn === 0 ? [] : [`calls to be acknowledged: ${handedOn}`]
  return [`listener calls in flight: ${calls.length} of ${limit}`, ...waiting, ...lines].join('\n')
}
