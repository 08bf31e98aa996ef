import { decodeBatch } from './batch.ts'
import { MessageExt, type MessageOrigin } from './message-ext.ts'
import { checkRecord, encodeStoredMessage } from './stored-message.ts'
import { MessageSysFlag } from './sys-flag.ts'

const INNER_BATCH = MessageSysFlag.INNER_BATCH | MessageSysFlag.NEED_UNWRAP

/**
 * The messages of a pull, query or view body, in order; inner batches are replaced by their members. Throws
 * ProtocolError when any record is damaged: skipping one would lose it (Java's client skips the rest silently).
 */
export function decodeMessages(bytes: Buffer, origin?: MessageOrigin): MessageExt[] {
  const messages: MessageExt[] = []
  let at = 0
  while (at < bytes.length) {
    const size = checkRecord(bytes, at)
    const message = new MessageExt(bytes, at, origin)
    if ((message.sysFlag & INNER_BATCH) === INNER_BATCH) messages.push(...unwrap(message, origin))
    else messages.push(message)
    at += size
  }
  return messages
}

/** The members of an inner batch, each as a record of its own (`MessageDecoder#decodeMessage`). */
function unwrap(outer: MessageExt, origin: MessageOrigin | undefined): MessageExt[] {
  return decodeBatch(outer.body).map((member, index) => {
    const bytes = encodeStoredMessage({
      queueId: outer.queueId,
      flag: member.flag,
      queueOffset: outer.queueOffset + index,
      physicalOffset: outer.commitLogOffset,
      sysFlag: outer.sysFlag & ~(INNER_BATCH | MessageSysFlag.COMPRESSED | MessageSysFlag.COMPRESSION_MASK),
      bornTimestamp: outer.bornTimestamp,
      bornHost: outer.bornHost,
      storeTimestamp: outer.storeTimestamp,
      storeHost: outer.storeHost,
      reconsumeTimes: outer.reconsumeTimes,
      preparedTransactionOffset: outer.preparedTransactionOffset,
      body: member.body,
      topic: outer.storedTopic,
      properties: member.properties,
    })
    return new MessageExt(bytes, 0, origin === undefined ? {} : { brokerName: origin.brokerName ?? '' })
  })
}
