import type { SharedTopic } from '../../core/admin/index.ts'
import { UsageError } from '../../core/errors.ts'
import { compareText, type MessageQueue, RETRY_PREFIX } from '../../core/protocol/index.ts'

/** A broker that would come. */
export interface AddedBroker {
  readonly brokerName: string
  /** Its queues of each topic. */
  readonly queues: number
}

/** Reads `broker-b:8`. Throws UsageError for anything else. */
export function parseAddedBroker(text: string): AddedBroker {
  const [, brokerName, count] = /^([\w.-]{1,255}):(\d{1,5})$/.exec(text.trim()) ?? []
  const queues = Number(count)
  if (brokerName !== undefined && queues >= 1) return { brokerName, queues }
  throw new UsageError(`'${text}' is not BROKER:QUEUES`, { suggestions: ['for example --add-broker broker-b:8'] })
}

/**
 * The topic with so many queues on each of its brokers, and on those that would come, in the order members take them; the
 * retry topic stays as it is. Throws UsageError for a broker that has queues of it already.
 */
export function resized(
  { topic, queues }: SharedTopic,
  change: { readonly queues: number | undefined; readonly brokers: readonly AddedBroker[] },
): SharedTopic {
  if (topic.startsWith(RETRY_PREFIX)) return { topic, queues }
  const there = [...new Set(queues.map(({ brokerName }) => brokerName))]
  const twice = change.brokers.find(({ brokerName }) => there.includes(brokerName))
  if (twice !== undefined) throw new UsageError(`--add-broker: ${twice.brokerName} has queues of ${topic} already`)
  const count = change.queues
  const kept = count === undefined ? queues : there.flatMap((brokerName) => numbered(topic, brokerName, count))
  const added = change.brokers.flatMap(({ brokerName, queues: more }) => numbered(topic, brokerName, more))
  const all = [...kept, ...added]
  return { topic, queues: all.sort((a, b) => compareText(a.brokerName, b.brokerName) || a.queueId - b.queueId) }
}

function numbered(topic: string, brokerName: string, count: number): MessageQueue[] {
  return Array.from({ length: count }, (_, queueId) => ({ topic, brokerName, queueId }))
}
