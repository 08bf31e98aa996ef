import type { StorageError } from '../errors.ts'
import type { Clock, Logger, TaskScope } from '../support/index.ts'
import { BROKER_NAME, type BrokerIdentity, CLUSTER_NAME } from './broker-identity.ts'
import type { BrokerServices } from './broker-services.ts'
import { ConsumerRegistry } from './consumer-registry.ts'
import { DelayService } from './delay-service.ts'
import { ownGroups, requireGroup } from './group-rules.ts'
import { LongPolling } from './long-polling.ts'
import { ReviveService } from './pop/revive-service.ts'
import { ProducerRegistry } from './producer-registry.ts'
import { QueueLocks } from './queue-locks.ts'
import type { ResetMode } from './reset-mode.ts'
import { Retention, type RetentionLimits } from './retention.ts'
import { openBrokerStore } from './store/broker-store.ts'
import { DelayLevels } from './store/delay-levels.ts'
import type { KeyValueStore } from './store/key-value-store.ts'
import { ownTopics } from './topic-rules.ts'
import { Traffic } from './traffic.ts'

/** What a broker's parts are made from. */
export interface AssemblyOptions {
  readonly store: KeyValueStore
  readonly clock: Clock
  readonly logger: Logger
  readonly scope: TaskScope
  readonly identity: () => BrokerIdentity
  readonly delayLevels?: string | undefined
  readonly retention?: RetentionLimits | undefined
  readonly lockLifeMs?: number | undefined
  readonly resetMode?: ResetMode | undefined
  readonly onFatal: (error: StorageError) => void
}

/** The parts of a broker, wired together; nothing runs yet. */
export interface Assembly {
  readonly services: BrokerServices
  readonly delays: DelayService
  readonly revival: ReviveService
}

/** Loads the store and wires the parts. Throws UsageError for delay levels that are none. */
export function assemble(options: AssemblyOptions): Assembly {
  const { clock, logger, scope, identity } = options
  const delayLevels = new DelayLevels(options.delayLevels)
  const polling = new LongPolling(clock)
  const traffic = new Traffic(clock)
  const store = openBrokerStore({
    store: options.store,
    clock,
    storeHost: () => identity().storeHost,
    onStored: (stored) => {
      traffic.stored(stored.topic)
      polling.arrived(stored.topic, stored.queueId, stored.queueOffset, stored.tagsCode)
      if (stored.dueMs !== undefined) delays.added(stored.dueMs)
    },
    inBackground: (what, work) => {
      scope.run(what, work)
    },
    onFatal: options.onFatal,
  })
  const delays = new DelayService({ ...store, clock, logger })
  const revival = new ReviveService({ ...store, clock, logger })
  const retention = new Retention({ ...store, clock, logger }, options.retention ?? {})
  const consumers = new ConsumerRegistry(clock)
  const producers = new ProducerRegistry(clock)
  const locks = new QueueLocks(clock, options.lockLifeMs)
  const memory = { consumers, producers, polling, locks, traffic }
  const revive = (visibleAtMs: number): void => {
    revival.added(visibleAtMs)
  }
  const settings = { delayLevels, resetMode: options.resetMode ?? 'server-side' }
  const services: BrokerServices = { ...store, ...memory, ...settings, clock, logger, identity, retention, revive }
  for (const topic of ownTopics(CLUSTER_NAME, BROKER_NAME, delayLevels.highest)) {
    if (store.topics.get(topic.topicName) === undefined) store.topics.put(topic)
  }
  for (const group of ownGroups) requireGroup(store.groups, group)
  return { services, delays, revival }
}
