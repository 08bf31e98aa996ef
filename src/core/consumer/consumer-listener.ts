import type { ClientInstance } from '../client/index.ts'
import { UsageError } from '../errors.ts'
import type { ConsumerListener } from './assemble/engine-context.ts'
import type { MessageListenerConcurrently } from './consume/message-listener.ts'
import type { MessageListenerOrderly } from './consume/message-listener-orderly.ts'
import { type HookedListenerOptions, hookedListener, hookedOrderlyListener } from './hook/hooked-listener.ts'
import { withUserNames, withUserNamesInOrder } from './user-names.ts'

/** The two ways to listen; one of them is given. */
export interface GivenListeners {
  readonly listener?: MessageListenerConcurrently | undefined
  readonly orderlyListener?: MessageListenerOrderly | undefined
}

/**
 * What the engine calls: the listener with the user's names of topics, and with hooks told of its calls if there are
 * any. Throws UsageError unless exactly one listener is given.
 */
export function consumerListener(
  { listener, orderlyListener }: GivenListeners,
  client: ClientInstance,
  hooks?: HookedListenerOptions,
): ConsumerListener {
  const hasNames = client.namespace !== ''
  const userName = (name: string): string => client.userName(name)
  if (listener !== undefined && orderlyListener === undefined) {
    const hooked = hooks === undefined ? listener : hookedListener(listener, hooks)
    return { mode: 'concurrent', listener: hasNames ? withUserNames(hooked, userName) : hooked }
  }
  if (orderlyListener !== undefined && listener === undefined) {
    const hooked = hooks === undefined ? orderlyListener : hookedOrderlyListener(orderlyListener, hooks)
    return { mode: 'orderly', listener: hasNames ? withUserNamesInOrder(hooked, userName) : hooked }
  }
  throw new UsageError('a consumer needs either listener or orderlyListener')
}
