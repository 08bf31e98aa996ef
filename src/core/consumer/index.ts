export type { BrowseRange } from './browse/browse-loop.ts'
export { Browser, type BrowserParts } from './browse/browser.ts'
export type {
  ConsumeConcurrentlyAnswer,
  ConsumeConcurrentlyContext,
  ConsumeConcurrentlyStatus,
  MessageListenerConcurrently,
} from './consume/message-listener.ts'
export type {
  ConsumeOrderlyAnswer,
  ConsumeOrderlyContext,
  ConsumeOrderlyStatus,
  MessageListenerOrderly,
} from './consume/message-listener-orderly.ts'
export type { ConsumeFromWhere, ConsumerOptions, MessageModel, Subscription } from './consumer-options.ts'
export type { Handler, HandlerContext, HandlerResult } from './handler.ts'
export type {
  ConsumeMessageContext,
  ConsumeMessageHook,
  ConsumeMessageOutcome,
  ConsumeReturnType,
  FilterMessageContext,
  FilterMessageHook,
} from './hook/hooks.ts'
export { LitePullConsumer, type LitePullConsumerParts } from './lite/lite-pull-consumer.ts'
export type { LitePullOptions } from './lite/lite-pull-options.ts'
export type { Pausable } from './pause.ts'
export type { PopQueue } from './pop/pop-table.ts'
export type { HeldQueue } from './process-queue-table.ts'
export { PushConsumer, type PushConsumerParts } from './push-consumer.ts'
export { AllocateMessageQueueAveragely } from './rebalance/allocate/averagely.ts'
export { AllocateMessageQueueAveragelyByCircle } from './rebalance/allocate/averagely-by-circle.ts'
export { allocateMessageQueueByConfig } from './rebalance/allocate/by-config.ts'
export { allocateMessageQueueByMachineRoom, roomOfBroker } from './rebalance/allocate/by-machine-room.ts'
export {
  allocateMessageQueueConsistentHash,
  type ConsistentHashOptions,
} from './rebalance/allocate/consistent-hash.ts'
export { allocateMachineRoomNearby, type MachineRoomResolver } from './rebalance/allocate/machine-room-nearby.ts'
export type { AllocateMessageQueueStrategy, Allocation } from './rebalance/allocate/strategy.ts'
export { shareOf } from './rebalance/share.ts'
