export type { OutgoingMessage } from './outgoing-message.ts'
export { Producer, type ProducerOptions, type SendOptions, type SendResult } from './producer.ts'
export { type QueueSelector, selectByHash, selectQueue } from './queue-selector.ts'
