import { ProtocolError } from '../../errors.ts'
import { batchMembers } from './batch.ts'
import { MAX_DECOMPRESSED_BYTES } from './compression.ts'
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
  let unwrappedBytes = 0
  for (let at = 0; at < bytes.length; ) {
    const size = checkRecord(bytes, at)
    const message = new MessageExt(bytes, at, origin)
    at += size
    if ((message.sysFlag & INNER_BATCH) !== INNER_BATCH) {
      messages.push(message)
      continue
    }
    for (const member of unwrap(message, origin)) {
      unwrappedBytes += member.recordBytes
      // Each member gets a copy of the record's head: a small compressed batch could become very large.
      if (unwrappedBytes > MAX_DECOMPRESSED_BYTES) {
        throw new ProtocolError(`inner batches expand to more than ${MAX_DECOMPRESSED_BYTES} bytes`)
      }
      messages.push(member)
    }
  }
  return messages
}

/** The members of an inner batch, each as a record of its own (`MessageDecoder#decodeMessage`). */
function* unwrap(outer: MessageExt, origin: MessageOrigin | undefined): Iterable<MessageExt> {
  const head = {
    queueId: outer.queueId,
    physicalOffset: outer.commitLogOffset,
    sysFlag: outer.sysFlag & ~(INNER_BATCH | MessageSysFlag.COMPRESSED | MessageSysFlag.COMPRESSION_MASK),
    bornTimestamp: outer.bornTimestamp,
    bornHost: outer.bornHost,
    storeTimestamp: outer.storeTimestamp,
    storeHost: outer.storeHost,
    reconsumeTimes: outer.reconsumeTimes,
    preparedTransactionOffset: outer.preparedTransactionOffset,
    topic: outer.storedTopic,
  }
  let queueOffset = outer.queueOffset
  for (const member of batchMembers(outer.body)) {
    const bytes = encodeStoredMessage({ ...head, ...member, queueOffset })
    queueOffset += 1
    yield new MessageExt(bytes, 0, origin === undefined ? {} : { brokerName: origin.brokerName ?? '' })
  }
}
