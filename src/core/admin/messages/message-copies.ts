import type { ClientInstance } from '../../client/index.ts'
import { DLQ_PREFIX, dlqTopic, type MessageExt, PropertyName, RETRY_PREFIX, retryTopic } from '../../protocol/index.ts'
import type { InvokeOptions } from '../../remoting/index.ts'
import type { Master } from '../cluster-masters.ts'
import type { FanOut } from '../offsets/fan-out.ts'
import type { MessageCopy } from './message-fate.ts'
import { queryIndex } from './query-index.ts'

/** Where messages wait that have a delay level, as retries do (`TopicValidator#RMQ_SYS_SCHEDULE_TOPIC`). */
const SCHEDULE_TOPIC = 'SCHEDULE_TOPIC_XXXX'

/** A copy, before anybody has been asked how far its group is. */
export type FoundCopy = Pick<MessageCopy, 'kind' | 'message'>

/** What to look for, and where. */
export interface CopiesQuestion {
  readonly message: MessageExt
  readonly group: string
  readonly masters: readonly Master[]
}

/**
 * Finds the copies of a message that a group has sent back, by what they have kept of it: its id, else a key. A message
 * that has neither cannot be followed: `undefined`.
 */
export async function copiesOf(
  client: ClientInstance,
  asked: CopiesQuestion,
  parts: { readonly fanOut: FanOut; readonly wait: InvokeOptions },
): Promise<readonly FoundCopy[] | undefined> {
  const { message, group, masters } = asked
  const key = message.getProperty(PropertyName.UNIQ_KEY) ?? message.keys[0]
  if (key === undefined) return undefined
  const own = ownTopics(group, message.storedTopic)
  const answers = masters.flatMap((master) =>
    [SCHEDULE_TOPIC, ...own].map((topic) => {
      const ask = () => queryIndex(client, { topic, key, broker: master }, parts.wait)
      return parts.fanOut.ask(master.brokerName, ask)
    }),
  )
  const found = (await Promise.all(answers)).flatMap((messages) => messages ?? [])
  return found.filter((copy) => isCopy(copy, message)).flatMap((copy) => ofGroup(copy, own))
}

/** Also those of POP (`KeyBuilder#buildPopRetryTopic`, in both of its forms). */
function ownTopics(group: string, topic: string): readonly string[] {
  const retry = retryTopic(group)
  return [retry, `${retry}_${topic}`, `${retry}+${topic}`, dlqTopic(group)]
}

function ofGroup(copy: MessageExt, own: readonly string[]): FoundCopy[] {
  const stored = copy.storedTopic
  const delayed = stored === SCHEDULE_TOPIC
  const topic = delayed ? (copy.getProperty(PropertyName.REAL_TOPIC) ?? '') : stored
  if (!own.includes(topic)) return []
  if (topic.startsWith(DLQ_PREFIX)) return [{ kind: 'dead-letter', message: copy }]
  if (!topic.startsWith(RETRY_PREFIX)) return []
  return [{ kind: delayed ? 'delayed' : 'retry', message: copy }]
}

/** A copy is younger, and tells the id of the first of its line; where it does not, the producer's id is the same. */
function isCopy(copy: MessageExt, message: MessageExt): boolean {
  const itself = copy.storedTopic === message.storedTopic && copy.commitLogOffset === message.commitLogOffset
  if (itself || copy.storeTimestamp < message.storeTimestamp) return false
  const origin = copy.getProperty(PropertyName.ORIGIN_MESSAGE_ID)
  if (origin === undefined) return copy.msgId === message.msgId
  return [message.offsetMsgId, message.msgId, message.getProperty(PropertyName.ORIGIN_MESSAGE_ID)].includes(origin)
}
