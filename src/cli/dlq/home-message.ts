import type { OutgoingMessage } from '../../core/producer/index.ts'
import { type MessageExt, PropertyName } from '../../core/protocol/index.ts'
import { madeByOthers } from '../produce/json-message.ts'

/** On a copy that was sent home: the id of the letter it was made of. */
export const REDRIVEN_FROM = 'REDRIVEN_FROM'

const ownMembers: ReadonlySet<string> = new Set([
  PropertyName.KEYS,
  PropertyName.TAGS,
  PropertyName.DELAY,
  PropertyName.SHARDING_KEY,
])

/** The producer's id that a copy keeps; of a message that never had one, the broker's id of the first of its line. */
export function originIdOf(letter: MessageExt): string {
  const { UNIQ_KEY, ORIGIN_MESSAGE_ID } = PropertyName
  return letter.getProperty(UNIQ_KEY) ?? letter.getProperty(ORIGIN_MESSAGE_ID) ?? letter.offsetMsgId
}

/**
 * The message to send home: as it was once sent, not delayed and with all its retries before it, but with its ids. Throws
 * ProtocolError for a body that cannot be decompressed.
 */
export function homeMessage(letter: MessageExt, topic: string): OutgoingMessage {
  const own = [...letter.properties].filter(([name]) => !madeByOthers.has(name) && !ownMembers.has(name))
  const origin = letter.getProperty(PropertyName.ORIGIN_MESSAGE_ID)
  return {
    topic,
    body: letter.body,
    tags: letter.tags,
    keys: letter.keys,
    shardingKey: letter.getProperty(PropertyName.SHARDING_KEY),
    flag: letter.flag,
    properties: new Map([
      ...own,
      ...(origin === undefined ? [] : [[PropertyName.ORIGIN_MESSAGE_ID, origin] as const]),
      [PropertyName.UNIQ_KEY, originIdOf(letter)],
      [REDRIVEN_FROM, letter.offsetMsgId],
    ]),
  }
}
