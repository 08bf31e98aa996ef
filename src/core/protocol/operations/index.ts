import type { Peer } from '../operation.ts'
import { adminOperations } from './admin.ts'
import { clientOperations } from './client.ts'
import { messageOperations } from './message.ts'
import { offsetOperations } from './offset.ts'
import { popOperations } from './pop.ts'
import { pushOperations } from './push.ts'
import { routeOperations } from './route.ts'

/** Every operation we can ask for or answer, by name: the protocol. */
export const operations = {
  ...routeOperations,
  ...messageOperations,
  ...offsetOperations,
  ...clientOperations,
  ...adminOperations,
  ...popOperations,
  ...pushOperations,
}

export type Operations = typeof operations
export type OperationName = keyof Operations

/** The operations one kind of peer answers. */
export type OperationsOf<P extends Peer> = {
  [K in OperationName as Operations[K]['to'] extends P ? K : never]: Operations[K]
}
