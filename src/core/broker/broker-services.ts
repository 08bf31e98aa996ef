import type { Clock, Logger } from '../support/index.ts'
import type { BrokerIdentity } from './broker-identity.ts'
import type { ConsumerRegistry } from './consumer-registry.ts'
import type { LongPolling } from './long-polling.ts'
import type { ProducerRegistry } from './producer-registry.ts'
import type { QueueLocks } from './queue-locks.ts'
import type { ResetMode } from './reset-mode.ts'
import type { Retention } from './retention.ts'
import type { BrokerStore } from './store/broker-store.ts'
import type { DelayLevels } from './store/delay-levels.ts'
import type { Traffic } from './traffic.ts'

/** What handlers work with. */
export interface BrokerServices extends BrokerStore {
  readonly clock: Clock
  readonly logger: Logger
  /** Known once the broker listens. */
  readonly identity: () => BrokerIdentity
  readonly delayLevels: DelayLevels
  readonly consumers: ConsumerRegistry
  readonly producers: ProducerRegistry
  readonly polling: LongPolling
  readonly locks: QueueLocks
  readonly traffic: Traffic
  readonly retention: Retention
  /** A popped message becomes visible again at a time. */
  readonly revive: (visibleAtMs: number) => void
  readonly resetMode: ResetMode
}
