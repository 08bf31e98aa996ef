import type { ClientInstance } from '../../client/index.ts'
import type { MessageQueue } from '../../protocol/index.ts'
import type { TaskScope } from '../../support/index.ts'
import type { MessageListenerConcurrently } from '../consume/message-listener.ts'
import type { MessageListenerOrderly } from '../consume/message-listener-orderly.ts'
import type { ConsumerOptions } from '../consumer-options.ts'
import type { ConsumerStats } from '../consumer-stats.ts'
import type { FilterMessageHook } from '../hook/hooks.ts'
import type { Pause } from '../pause.ts'
import type { SubscriptionTable } from '../subscription-table.ts'
import type { EngineEvents } from '../watch/engine-events.ts'
import type { QueueMeters } from '../watch/queue-meters.ts'

/** Who is given the messages, and in which way. */
export type ConsumerListener =
  | { readonly mode: 'concurrent'; readonly listener: MessageListenerConcurrently }
  | { readonly mode: 'orderly'; readonly listener: MessageListenerOrderly }

/** What the parts of an engine share. */
export interface EngineContext {
  readonly client: ClientInstance
  readonly group: string
  readonly options: ConsumerOptions
  readonly subscriptions: SubscriptionTable
  readonly listener: ConsumerListener
  readonly stats: ConsumerStats
  /** What is told of all this to whoever watches. */
  readonly events: EngineEvents
  readonly meters: QueueMeters
  readonly pause: Pause
  readonly filterHooks: readonly FilterMessageHook[]
  /** Owns the pull loops and all that goes on beside them. */
  readonly pulling: TaskScope
  /** Where a broadcasting consumer keeps its offsets. */
  readonly offsetsDirectory: string | undefined
  readonly onQueuesChanged: (topic: string, assigned: readonly MessageQueue[]) => void
}
