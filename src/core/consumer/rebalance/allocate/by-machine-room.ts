import { type AllocateMessageQueueStrategy, placeOf } from './strategy.ts'

/**
 * Only the queues of brokers in these rooms, which are named `room@broker`: equal blocks first, then one more each while
 * there are any left (`AllocateMessageQueueByMachineRoom.java`). Nobody consumes the queues of other brokers.
 */
export function allocateMessageQueueByMachineRoom(rooms: Iterable<string>): AllocateMessageQueueStrategy {
  const wanted = new Set(rooms)
  return {
    name: 'MACHINE_ROOM',
    allocate(allocation) {
      const index = placeOf(allocation)
      if (index === -1) return []
      const queues = allocation.queues.filter(({ brokerName }) => {
        const room = roomOfBroker(brokerName)
        return room !== undefined && wanted.has(room)
      })
      const members = allocation.clientIds.length
      const size = Math.floor(queues.length / members)
      const extra =
        index < queues.length % members ? queues.slice(size * members + index, size * members + index + 1) : []
      return [...queues.slice(index * size, (index + 1) * size), ...extra]
    },
  }
}

/** The room of a broker that is named `room@broker`; Java's `split` drops empty parts at the end. */
export function roomOfBroker(brokerName: string): string | undefined {
  const parts = brokerName.replace(/@+$/, '').split('@')
  return parts.length === 2 ? parts[0] : undefined
}
