import {
  type DataVersion,
  dataVersionShape,
  type GroupConfig,
  groupConfigShape,
  integer,
  mapOf,
  record,
} from '../../protocol/index.ts'
import type { Clock } from '../../support/index.ts'
import { ConfigRows } from './config-rows.ts'
import type { Journal } from './journal.ts'
import type { KeyValueStore } from './key-value-store.ts'
import { nextVersion } from './table-version.ts'

/** The bit of a topic a group may not read (`PermName#INDEX_PERM_READ`). */
const READ_FORBIDDEN = 1 << 2

const tableShape = record({ dataVersion: dataVersionShape })

/** All consumer groups of the broker (`SubscriptionGroupManager.java`), kept like topics. */
export class GroupTable {
  readonly #clock: Clock
  readonly #journal: Journal
  readonly #rows: ConfigRows<GroupConfig>
  readonly #tableRow: ConfigRows<{ readonly dataVersion: DataVersion }>
  readonly #groups: Map<string, GroupConfig>
  readonly #forbiddenRows: ConfigRows<ReadonlyMap<string, number>>
  readonly #forbidden: Map<string, ReadonlyMap<string, number>>
  #dataVersion: DataVersion

  constructor(options: { readonly store: KeyValueStore; readonly journal: Journal; readonly clock: Clock }) {
    this.#clock = options.clock
    this.#journal = options.journal
    this.#rows = new ConfigRows('group', groupConfigShape, options.journal)
    this.#tableRow = new ConfigRows('groups', tableShape, options.journal)
    this.#groups = this.#rows.load(options.store)
    this.#forbiddenRows = new ConfigRows('forbidden', mapOf(integer), options.journal)
    this.#forbidden = this.#forbiddenRows.load(options.store)
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
    this.#forbid(name, new Map())
    this.#changed()
  }

  /** What each group may not do with topics, as bits: group → topic → {@link READ_FORBIDDEN}. */
  get forbidden(): ReadonlyMap<string, ReadonlyMap<string, number>> {
    return this.#forbidden
  }

  mayRead(group: string, topic: string): boolean {
    return ((this.#forbidden.get(group)?.get(topic) ?? 0) & READ_FORBIDDEN) === 0
  }

  setMayRead(group: string, topic: string, readable: boolean): void {
    if (this.mayRead(group, topic) === readable) return
    const topics = new Map(this.#forbidden.get(group))
    if (readable) topics.delete(topic)
    else topics.set(topic, READ_FORBIDDEN)
    this.#forbid(group, topics)
    this.#changed()
  }

  /** Resolves when all changes so far are on disk. */
  flush(): Promise<void> {
    return this.#journal.flush()
  }

  #forbid(group: string, topics: ReadonlyMap<string, number>): void {
    if (topics.size > 0) {
      this.#forbidden.set(group, topics)
      this.#forbiddenRows.put(group, topics)
    } else if (this.#forbidden.delete(group)) this.#forbiddenRows.delete(group)
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
    groupRetryPolicy: undefined,
    groupSysFlag: 0,
    notifyConsumerIdsChangedEnable: true,
    retryMaxTimes: 16,
    retryQueueNums: 1,
    subscriptionDataSet: undefined,
    whichBrokerWhenConsumeSlowly: 1,
  }
}
