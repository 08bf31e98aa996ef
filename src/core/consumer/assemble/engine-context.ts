import type { ClientInstance } from '../../client/index.ts'
import type { MessageQueue } from '../../protocol/index.ts'
import type { TaskScope } from '../../support/index.ts'
import type { MessageListenerConcurrently } from '../consume/message-listener.ts'
import type { ConsumerOptions } from '../consumer-options.ts'
import type { ConsumerStats } from '../consumer-stats.ts'
import type { Pause } from '../pause.ts'
import type { SubscriptionTable } from '../subscription-table.ts'

/** What the parts of an engine share. */
export interface EngineContext {
  readonly client: ClientInstance
  readonly group: string
  readonly options: ConsumerOptions
  readonly subscriptions: SubscriptionTable
  readonly listener: MessageListenerConcurrently
  readonly stats: ConsumerStats
  readonly pause: Pause
  /** Owns the pull loops and all that goes on beside them. */
  readonly pulling: TaskScope
  /** Where a broadcasting consumer keeps its offsets. */
  readonly offsetsDirectory: string | undefined
  readonly onQueuesChanged: (topic: string, assigned: readonly MessageQueue[]) => void
}
