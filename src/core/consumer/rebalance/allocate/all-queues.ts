import type { AllocateMessageQueueStrategy } from './strategy.ts'

/** All queues, whoever else is there: when broadcasting (`RebalanceImpl#rebalanceByTopic`), and of what was assigned by hand. */
export const AllocateAllQueues: AllocateMessageQueueStrategy = {
  name: 'ALL',
  allocate: ({ queues }) => [...queues],
}
