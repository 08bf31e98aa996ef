export { type BatchMember, decodeBatch, encodeBatch } from './batch.ts'
export { decompress, MAX_DECOMPRESSED_BYTES } from './compression.ts'
export { parseIp } from './ip.ts'
export { decodeMessages } from './message-decoder.ts'
export { MessageExt, type MessageOrigin } from './message-ext.ts'
export { decodeOffsetMessageId, encodeOffsetMessageId, type OffsetMessageId, UniqKeyGenerator } from './message-id.ts'
export {
  compareQueues,
  compareText,
  type MessageQueue,
  queueKey,
  queueName,
} from './message-queue.ts'
export { decodeProperties, encodeProperties, MAX_PROPERTIES_BYTES, PropertyName } from './properties.ts'
export { QueueMap } from './queue-map.ts'
export { decodeRecallHandle, encodeRecallHandle, type RecallHandle } from './recall-handle.ts'
export { bodyCrc, encodeStoredMessage, type Host, type StoredMessageParts } from './stored-message.ts'
export { type Compression, MessageSysFlag } from './sys-flag.ts'
export { javaHash, type SubscriptionData, sqlSubscription, tagSubscription } from './tags.ts'
