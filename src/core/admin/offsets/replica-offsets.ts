import type { ClientInstance } from '../../client/index.ts'
import type { MessageQueue } from '../../protocol/index.ts'
import type { InvokeOptions } from '../../remoting/index.ts'

/** What a group has committed in a queue, as somebody tells it. */
export interface CommittedQueue {
  readonly queue: MessageQueue
  readonly committed: number
}

/**
 * What replicas have been told that a group has committed (43): of each broker the one with the lowest id. Rejects when
 * one does not answer.
 */
export async function replicaOffsets(
  client: ClientInstance,
  group: string,
  wait: InvokeOptions,
): Promise<readonly CommittedQueue[]> {
  const { body } = await client.nameServer.invoke('getBrokerClusterInfo', {}, wait)
  const answers = [...body.brokerAddrTable.values()].map(async ({ brokerName, brokerAddrs }) => {
    const [replica] = [...brokerAddrs].filter(([id]) => id !== 0).sort(([a], [b]) => a - b)
    if (replica === undefined) return []
    const { body: told } = await client.remoting.invoke(replica[1], 'getAllConsumerOffset', {}, wait)
    return committedIn(told.offsetTable, brokerName, group)
  })
  return (await Promise.all(answers)).flat()
}

function committedIn(
  offsetTable: ReadonlyMap<string, ReadonlyMap<number, number>>,
  brokerName: string,
  group: string,
): CommittedQueue[] {
  return [...offsetTable].flatMap(([key, queues]) => {
    if (!key.endsWith(`@${group}`)) return []
    const topic = key.slice(0, -group.length - 1)
    return [...queues].map(([queueId, committed]) => ({ queue: { topic, brokerName, queueId }, committed }))
  })
}
