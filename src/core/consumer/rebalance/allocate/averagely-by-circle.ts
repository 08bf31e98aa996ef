import { type AllocateMessageQueueStrategy, placeOf } from './strategy.ts'

/** Queue by queue to each member in turn (`AllocateMessageQueueAveragelyByCircle.java`). */
export const AllocateMessageQueueAveragelyByCircle: AllocateMessageQueueStrategy = {
  name: 'AVG_BY_CIRCLE',
  allocate(allocation) {
    const index = placeOf(allocation)
    if (index === -1) return []
    const { queues, clientIds } = allocation
    return queues.filter((_, at) => at % clientIds.length === index)
  },
}
