import { type MessageQueue, mqVersion, queueKey } from '../../core/protocol/index.ts'
import type { ConsumeRun } from './consume-run.ts'

/** From this version on a broker tells a group that has committed nothing from one at 0. */
const TELLS_NONE = mqVersion('5.0.0') ?? 0

/**
 * On brokers that say 0 of a group that has committed nothing, commits where a group begins that they have never seen in
 * the topic: what the user asked for would not count there otherwise. Resolves to the keys of those queues.
 */
export async function commitStarts(
  startOf: (queue: MessageQueue) => Promise<number>,
  { connection, route, settings }: ConsumeRun,
): Promise<ReadonlySet<string>> {
  const { remoting, routes } = connection.client
  const group = connection.wireName(settings.flags.group ?? '')
  const begun = new Set<string>()
  const names = new Set(route.subscribeQueues.map((queue) => queue.brokerName))
  for (const brokerName of names) {
    const address = routes.masterOf(brokerName)
    if (address === undefined) continue
    const { body } = await remoting.invoke(address, 'queryTopicConsumeByWho', { topic: route.topic })
    if ((remoting.versionOf(address) ?? TELLS_NONE) >= TELLS_NONE || body.groupList.includes(group)) continue
    const queues = route.subscribeQueues.filter((queue) => queue.brokerName === brokerName)
    for (const { topic, queueId } of queues) {
      const commitOffset = await startOf({ topic, brokerName, queueId })
      const request = { consumerGroup: group, topic, queueId, commitOffset, bname: brokerName }
      await remoting.invoke(address, 'updateConsumerOffset', request)
      begun.add(queueKey({ topic, brokerName, queueId }))
    }
  }
  return begun
}
