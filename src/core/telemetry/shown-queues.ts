import type { GroupSnapshot, QueueSnapshot } from './snapshot.ts'
import { isFaulty } from './state-sentence.ts'

/** How topics are called where messages of a group come again. */
const RETRY = '%RETRY%'

/** The queues worth a line: without those of a retry topic nothing was ever sent to. */
export function shownQueues({ queues }: Pick<GroupSnapshot, 'queues'>): readonly QueueSnapshot[] {
  return queues.filter((queue) => !isRetryQueue(queue) || (queue.max ?? 0) > 0 || isFaulty(queue.state))
}

/** Whether a queue is one of a retry topic. */
function isRetryQueue({ topic }: Pick<QueueSnapshot, 'topic'>): boolean {
  return topic.startsWith(RETRY)
}
