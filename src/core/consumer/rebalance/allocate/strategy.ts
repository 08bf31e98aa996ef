import type { MessageQueue } from '../../../protocol/index.ts'

/** What a strategy divides: both lists sorted; a client id the broker lists twice is here twice, as for every member. */
export interface Allocation {
  readonly group: string
  readonly clientId: string
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
  /** The queues of `clientId`; none when it is not among `clientIds`. */
  allocate(allocation: Allocation): MessageQueue[]
}
