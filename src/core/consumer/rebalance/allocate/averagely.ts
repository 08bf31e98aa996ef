import { type AllocateMessageQueueStrategy, placeOf } from './strategy.ts'

/** Contiguous blocks, the first members getting one more where it does not divide (`AllocateMessageQueueAveragely.java`). */
export const AllocateMessageQueueAveragely: AllocateMessageQueueStrategy = {
  name: 'AVG',
  allocate(allocation) {
    const index = placeOf(allocation)
    if (index === -1) return []
    const { queues, clientIds } = allocation
    const rest = queues.length % clientIds.length
    const size =
      queues.length <= clientIds.length ? 1 : Math.floor(queues.length / clientIds.length) + (index < rest ? 1 : 0)
    const start = index < rest ? index * size : index * size + rest
    return queues.slice(start, start + size)
  },
}
