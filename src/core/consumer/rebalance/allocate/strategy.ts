import { UsageError } from '../../../errors.ts'
import type { MessageQueue } from '../../../protocol/index.ts'

/** What a strategy divides: both lists sorted; a client id the broker lists twice is here twice, as for every member. */
export interface Allocation {
  readonly group: string
  readonly clientId: string
  /** All queues of one topic, named as on the wire. */
  readonly queues: readonly MessageQueue[]
  readonly clientIds: readonly string[]
}

/**
 * Divides the queues of a topic among the members of a group (`AllocateMessageQueueStrategy.java`). Every member
 * computes its own share alone, so the result may depend on nothing but the arguments.
 */
export interface AllocateMessageQueueStrategy {
  /** The name Java gives it, e.g. `AVG`. */
  readonly name: string
  /** It knows this member's queues only: what it says for another client id is no guess of what that one holds. */
  readonly ownShareOnly?: boolean
  /** The queues of `clientId`; none when it is not among `clientIds`. */
  allocate(allocation: Allocation): readonly MessageQueue[]
}

/** The first place of a member among all, -1 when it is not listed. @throws UsageError where there is nobody or nothing to share (`AbstractAllocateMessageQueueStrategy#check`). */
export function placeOf({ clientId, queues, clientIds }: Allocation): number {
  if (clientId === '') throw new UsageError('the client id is empty')
  if (queues.length === 0) throw new UsageError('there are no queues to share')
  if (clientIds.length === 0) throw new UsageError('there are no members to share the queues')
  return clientIds.indexOf(clientId)
}
