export type { BrowseRange } from './browse/browse-loop.ts'
export { Browser, type BrowserParts } from './browse/browser.ts'
export type {
  ConsumeConcurrentlyAnswer,
  ConsumeConcurrentlyContext,
  ConsumeConcurrentlyStatus,
  MessageListenerConcurrently,
} from './consume/message-listener.ts'
export type { ConsumeFromWhere, ConsumerOptions, Subscription } from './consumer-options.ts'
export type { PopQueue } from './pop/pop-table.ts'
export type { HeldQueue } from './process-queue-table.ts'
export { PushConsumer, type PushConsumerParts } from './push-consumer.ts'
export { AllocateMessageQueueAveragely } from './rebalance/allocate/averagely.ts'
export type { AllocateMessageQueueStrategy, Allocation } from './rebalance/allocate/strategy.ts'
