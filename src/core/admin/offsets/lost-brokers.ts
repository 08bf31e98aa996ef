import { ConnectionError } from '../../errors.ts'
import type { Brokers } from '../cluster-masters.ts'
import type { FanOut } from './fan-out.ts'
import type { GroupMemberFacts } from './group-members.ts'

/** What queues of a static topic have for a broker (`MixAll.LOGICAL_QUEUE_MOCK_BROKER_PREFIX`). */
const LOGICAL_BROKER = '__syslo__'

/**
 * Notes the brokers that no name server knows and whose queues members hold still: one that is killed is forgotten as soon as its
 * connection breaks, and by members with their next look at the routes (30 s). Only those of the topic, if one is given.
 */
export function noteLostBrokers(
  members: readonly GroupMemberFacts[],
  {
    brokers,
    topic,
    fanOut,
  }: { readonly brokers: Brokers; readonly topic: string | undefined; readonly fanOut: FanOut },
): void {
  const known = new Set([...brokers.masters.map(({ brokerName }) => brokerName), ...brokers.withoutMaster])
  for (const { clientId, info } of members) {
    for (const [queue] of [...(info?.mqTable ?? []), ...(info?.mqPopTable ?? [])]) {
      const { brokerName } = queue
      if (known.has(brokerName) || brokerName.startsWith(LOGICAL_BROKER)) continue
      if (topic !== undefined && queue.topic !== topic) continue
      const message = `no name server knows ${brokerName}, and ${clientId} holds queues of it`
      fanOut.note(brokerName, new ConnectionError(brokerName, message))
    }
  }
}
