/**
 * The engine, for programs: what `mq` itself is built on. docs/programming.md shows how it is used; `examples/` has
 * programs that run.
 */
export { type ClientInstance, type ClientSettings, createClient, type TopicRoute } from './core/client/index.ts'
export {
  AllocateMessageQueueAveragely,
  type AllocateMessageQueueStrategy,
  type Allocation,
  type BrowseRange,
  Browser,
  type BrowserParts,
  type ConsumeConcurrentlyAnswer,
  type ConsumeConcurrentlyContext,
  type ConsumeConcurrentlyStatus,
  type ConsumeFromWhere,
  type ConsumerOptions,
  type HeldQueue,
  type MessageListenerConcurrently,
  PushConsumer,
  type PushConsumerParts,
  type Subscription,
} from './core/consumer/index.ts'
export * from './core/errors.ts'
export {
  type OutgoingMessage,
  Producer,
  type ProducerOptions,
  type QueueSelector,
  type SendOptions,
  type SendResult,
  selectByHash,
  selectQueue,
} from './core/producer/index.ts'
export { type Credentials, type MessageExt, type MessageQueue, queueName } from './core/protocol/index.ts'
export type { TlsOptions } from './core/remoting/index.ts'
export type { Logger } from './core/support/index.ts'
