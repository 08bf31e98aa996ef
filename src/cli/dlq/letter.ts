import { type MessageExt, PropertyName } from '../../core/protocol/index.ts'
import type { Connection } from '../connect.ts'
import { type MessageJson, messageJson } from '../message-json.ts'
import { bodyStart } from '../messages/message-list.ts'
import type { Column } from '../output/list.ts'

/** A dead letter as JSON shows it: a message that `produce --input jsonl` reads, and where it once came from. */
export interface LetterJson extends MessageJson {
  /** The topic it was consumed from. */
  readonly originTopic: string | null
  /** The broker's id of the message that was given up. */
  readonly originMsgId: string | null
}

/** What a letter's table shows. */
export const letterColumns: readonly Column<LetterJson>[] = [
  { head: 'LETTER', value: ({ broker, queue, offset }) => `${broker}:${queue}:${offset}` },
  { head: 'TOPIC', value: ({ originTopic }) => originTopic ?? undefined },
  { head: 'ORIGIN', value: ({ originMsgId }) => originMsgId ?? undefined },
  { head: 'MSGID', value: ({ msgId }) => msgId, wide: true },
  { head: 'TIMES', value: ({ reconsumeTimes }) => reconsumeTimes },
  { head: 'BORN', value: ({ bornTime }) => bornTime },
  { head: 'STORED', value: ({ storeTime }) => storeTime },
  { head: 'TAGS', value: ({ tags }) => tags ?? undefined, wide: true },
  { head: 'KEYS', value: ({ keys }) => (keys.length === 0 ? undefined : keys.join(' ')) },
  { head: 'BODY', value: bodyStart },
]

/** The topic a dead letter was consumed from, as the cluster calls it; `undefined` for a message that is none. */
export function originTopicOf(letter: MessageExt): string | undefined {
  return letter.getProperty(PropertyName.RETRY_TOPIC) ?? letter.getProperty('DLQ_ORIGIN_TOPIC')
}

/** The JSON of a letter. Throws ProtocolError for a body that cannot be decompressed. */
export function letterJson(letter: MessageExt, connection: Pick<Connection, 'userName'>): LetterJson {
  const topic = originTopicOf(letter)
  const origin = letter.getProperty(PropertyName.ORIGIN_MESSAGE_ID) ?? letter.getProperty('DLQ_ORIGIN_MESSAGE_ID')
  return {
    ...messageJson(letter, connection.userName(letter.storedTopic)),
    originTopic: topic === undefined ? null : connection.userName(topic),
    originMsgId: origin ?? null,
  }
}
