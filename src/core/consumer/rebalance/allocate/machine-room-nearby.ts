import { HandlerError } from '../../../errors.ts'
import { compareText, type MessageQueue } from '../../../protocol/index.ts'
import { type AllocateMessageQueueStrategy, placeOf } from './strategy.ts'

/** Who is in which room (`MachineRoomResolver.java`). */
export interface MachineRoomResolver {
  readonly roomOfQueue: (queue: MessageQueue) => string | undefined
  readonly roomOfClient: (clientId: string) => string | undefined
}

/**
 * The queues of a room are shared by the members in it; those of a room without members by all. Each time the sharing
 * is `inner`'s (`AllocateMachineRoomNearby.java`). It throws HandlerError where somebody is in no room.
 */
export function allocateMachineRoomNearby(
  inner: AllocateMessageQueueStrategy,
  { roomOfQueue, roomOfClient }: MachineRoomResolver,
): AllocateMessageQueueStrategy {
  return {
    name: `MACHINE_ROOM_NEARBY-${inner.name}`,
    allocate(allocation) {
      if (placeOf(allocation) === -1) return []
      const queuesByRoom = byRoom(allocation.queues, roomOfQueue, ({ brokerName }) => `broker ${brokerName}`)
      const membersByRoom = byRoom(allocation.clientIds, roomOfClient, (clientId) => `client ${clientId}`)
      const share = (queues: readonly MessageQueue[] = [], clientIds: readonly string[] = []) =>
        queues.length === 0 ? [] : inner.allocate({ ...allocation, queues, clientIds })
      const mine = roomOfClient(allocation.clientId) ?? ''
      const deserted = [...queuesByRoom.keys()].filter((room) => !membersByRoom.has(room)).sort(compareText)
      return [
        ...share(queuesByRoom.get(mine), membersByRoom.get(mine)),
        ...deserted.flatMap((room) => share(queuesByRoom.get(room), allocation.clientIds)),
      ]
    },
  }
}

function byRoom<T>(
  all: readonly T[],
  roomOf: (one: T) => string | undefined,
  nameOf: (one: T) => string,
): ReadonlyMap<string, T[]> {
  const rooms = new Map<string, T[]>()
  for (const one of all) {
    const room = roomOf(one)
    if (!room) throw new HandlerError(`nobody knows the machine room of ${nameOf(one)}`)
    const there = rooms.get(room)
    if (there === undefined) rooms.set(room, [one])
    else there.push(one)
  }
  return rooms
}
