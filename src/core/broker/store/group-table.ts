import { type DataVersion, dataVersionShape, type GroupConfig, groupConfigShape, record } from '../../protocol/index.ts'
import type { Clock } from '../../support/index.ts'
import { ConfigRows } from './config-rows.ts'
import type { Journal } from './journal.ts'
import type { KeyValueStore } from './key-value-store.ts'
import { nextVersion } from './table-version.ts'

const tableShape = record({ dataVersion: dataVersionShape })

/** All consumer groups of the broker (`SubscriptionGroupManager.java`), kept like topics. */
export class GroupTable {
  readonly #clock: Clock
  readonly #journal: Journal
  readonly #rows: ConfigRows<GroupConfig>
  readonly #tableRow: ConfigRows<{ readonly dataVersion: DataVersion }>
  readonly #groups: Map<string, GroupConfig>
  #dataVersion: DataVersion

  constructor(options: { readonly store: KeyValueStore; readonly journal: Journal; readonly clock: Clock }) {
    this.#clock = options.clock
    this.#journal = options.journal
    this.#rows = new ConfigRows('group', groupConfigShape, options.journal)
    this.#tableRow = new ConfigRows('groups', tableShape, options.journal)
    this.#groups = this.#rows.load(options.store)
    this.#dataVersion = this.#tableRow.load(options.store).get('table')?.dataVersion ?? {
      counter: 0,
      stateVersion: 0,
      timestamp: options.clock.now(),
    }
  }

  get dataVersion(): DataVersion {
    return this.#dataVersion
  }

  get(name: string): GroupConfig | undefined {
    return this.#groups.get(name)
  }

  all(): ReadonlyMap<string, GroupConfig> {
    return this.#groups
  }

  put(config: GroupConfig): void {
    this.#groups.set(config.groupName, config)
    this.#rows.put(config.groupName, config)
    this.#changed()
  }

  delete(name: string): void {
    if (!this.#groups.delete(name)) return
    this.#rows.delete(name)
    this.#changed()
  }

  /** Resolves when all changes so far are on disk. */
  flush(): Promise<void> {
    return this.#journal.flush()
  }

  #changed(): void {
    this.#dataVersion = nextVersion(this.#dataVersion, this.#clock.now())
    this.#tableRow.put('table', { dataVersion: this.#dataVersion })
  }
}

/** A group with Java's defaults. */
export function defaultGroup(groupName: string): GroupConfig {
  return {
    attributes: new Map(),
    brokerId: 0,
    consumeBroadcastEnable: true,
    consumeEnable: true,
    consumeFromMinEnable: true,
    consumeMessageOrderly: false,
    consumeTimeoutMinute: 15,
    groupName,
    groupSysFlag: 0,
    notifyConsumerIdsChangedEnable: true,
    retryMaxTimes: 16,
    retryQueueNums: 1,
    whichBrokerWhenConsumeSlowly: 1,
  }
}
