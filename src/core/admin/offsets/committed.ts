import type { ClientInstance } from '../../client/index.ts'
import { type MessageQueue, queueKey } from '../../protocol/index.ts'
import type { InvokeOptions } from '../../remoting/index.ts'
import type { Master } from '../cluster-masters.ts'

/** From this version (5.0.0) on a broker tells a queue without a commit from one committed at 0. */
const TELLS_NOTHING_COMMITTED = 413

/** What to ask a broker. */
export interface CommittedQuestion {
  readonly group: string
  readonly queues: readonly MessageQueue[]
  readonly master: Master
  /** All these queues have a commit: each may be asked for alone. */
  readonly sure?: boolean
}

/**
 * What a group has committed in queues of one broker, by queue key; those without a commit are left out. A 4.9 broker is
 * asked for all it has (43), since it answers 0 to a question about a single queue.
 */
export async function committedOffsets(
  client: ClientInstance,
  asked: CommittedQuestion,
  wait: InvokeOptions,
): Promise<ReadonlyMap<string, number>> {
  const { group, queues, master } = asked
  const { remoting } = client
  const found = new Map<string, number>()
  if (queues.length === 0) return found
  if (asked.sure !== true && (remoting.versionOf(master.address) ?? 0) < TELLS_NOTHING_COMMITTED) {
    const { body } = await remoting.invoke(master.address, 'getAllConsumerOffset', {}, wait)
    for (const queue of queues) {
      const offset = body.offsetTable.get(`${queue.topic}@${group}`)?.get(queue.queueId)
      if (offset !== undefined && offset >= 0) found.set(queueKey(queue), offset)
    }
    return found
  }
  const answers = queues.map(async (queue) => {
    const { topic, queueId, brokerName: bname } = queue
    const request = { consumerGroup: group, topic, queueId, bname, setZeroIfNotFound: false }
    const answer = await remoting.invoke(master.address, 'queryConsumerOffset', request, wait)
    if (answer.outcome === 'FOUND' && answer.offset >= 0) found.set(queueKey(queue), answer.offset)
  })
  await Promise.all(answers)
  return found
}
