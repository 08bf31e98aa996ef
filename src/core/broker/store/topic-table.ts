import {
  type DataVersion,
  dataVersionShape,
  integer,
  record,
  type TopicConfig,
  topicConfigShape,
} from '../../protocol/index.ts'
import type { Clock } from '../../support/index.ts'
import { ConfigRows } from './config-rows.ts'
import type { Journal } from './journal.ts'
import type { KeyValueStore } from './key-value-store.ts'
import { nextVersion } from './table-version.ts'

/** A topic and the number its queues are stored under. A topic that is made anew gets another number. */
export interface Topic {
  readonly id: number
  readonly config: TopicConfig
}

const topicShape = record({ id: integer, config: topicConfigShape })
const tableShape = record({ nextId: integer, dataVersion: dataVersionShape })

/** All topics of the broker (`TopicConfigManager.java`). Changes are in effect at once and on disk with the next commit. */
export class TopicTable {
  readonly #clock: Clock
  readonly #journal: Journal
  readonly #rows: ConfigRows<Topic>
  readonly #tableRow: ConfigRows<{ readonly nextId: number; readonly dataVersion: DataVersion }>
  readonly #topics: Map<string, Topic>
  #nextId: number
  #dataVersion: DataVersion

  constructor(options: { readonly store: KeyValueStore; readonly journal: Journal; readonly clock: Clock }) {
    this.#clock = options.clock
    this.#journal = options.journal
    this.#rows = new ConfigRows('topic', topicShape, options.journal)
    this.#tableRow = new ConfigRows('topics', tableShape, options.journal)
    this.#topics = new Map([...this.#rows.load(options.store)].sort(([, a], [, b]) => a.id - b.id))
    const table = this.#tableRow.load(options.store).get('table')
    this.#nextId = table?.nextId ?? 1
    this.#dataVersion = table?.dataVersion ?? { counter: 0, stateVersion: 0, timestamp: options.clock.now() }
  }

  get dataVersion(): DataVersion {
    return this.#dataVersion
  }

  get(name: string): Topic | undefined {
    return this.#topics.get(name)
  }

  /** Every topic, by name, in the order they were made. */
  all(): ReadonlyMap<string, Topic> {
    return this.#topics
  }

  /** Makes a topic or changes it; one that is already so stays untouched. */
  put(config: TopicConfig): Topic {
    const known = this.#topics.get(config.topicName)
    if (known && sameConfig(known.config, config)) return known
    const topic = { id: known?.id ?? this.#nextId++, config }
    this.#topics.set(config.topicName, topic)
    this.#rows.put(config.topicName, topic)
    this.#changed()
    return topic
  }

  /** Forgets a topic and returns it; its messages are its caller's to remove. */
  delete(name: string): Topic | undefined {
    const topic = this.#topics.get(name)
    if (topic === undefined) return undefined
    this.#topics.delete(name)
    this.#rows.delete(name)
    this.#changed()
    return topic
  }

  /** Resolves when all changes so far are on disk. */
  flush(): Promise<void> {
    return this.#journal.flush()
  }

  #changed(): void {
    this.#dataVersion = nextVersion(this.#dataVersion, this.#clock.now())
    this.#tableRow.put('table', { nextId: this.#nextId, dataVersion: this.#dataVersion })
  }
}

function sameConfig(a: TopicConfig, b: TopicConfig): boolean {
  return (
    a.readQueueNums === b.readQueueNums &&
    a.writeQueueNums === b.writeQueueNums &&
    a.perm === b.perm &&
    a.order === b.order &&
    a.topicSysFlag === b.topicSysFlag &&
    a.topicFilterType === b.topicFilterType &&
    a.attributes.size === b.attributes.size &&
    [...a.attributes].every(([name, value]) => b.attributes.get(name) === value)
  )
}
