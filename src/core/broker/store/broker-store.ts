import type { StorageError } from '../../errors.ts'
import type { Host } from '../../protocol/index.ts'
import type { Clock } from '../../support/index.ts'
import { Cleaner } from './cleaner.ts'
import { CommitLog } from './commit-log.ts'
import { ConsumeQueues } from './consume-queue.ts'
import { DueTable } from './due-table.ts'
import { GroupTable } from './group-table.ts'
import { Journal } from './journal.ts'
import type { KeyValueStore, StoreUsage } from './key-value-store.ts'
import { KeyValueTable } from './key-value-table.ts'
import { MessageIndex } from './message-index.ts'
import { MessageStore, type StoredAt } from './message-store.ts'
import { OffsetTable } from './offset-table.ts'
import { PoppedTable } from './popped-table.ts'
import { QueueReader } from './queue-reader.ts'
import { RequestModeTable } from './request-mode-table.ts'
import { TopicTable } from './topic-table.ts'

/** What a broker's store needs from its owner. */
export interface BrokerStoreOptions {
  readonly store: KeyValueStore
  readonly clock: Clock
  readonly storeHost: () => Host
  readonly onStored: (stored: StoredAt) => void
  readonly inBackground: (what: string, work: () => Promise<void>) => void
  readonly onFatal: (error: StorageError) => void
}

/** Everything a broker keeps, over one key–value store. */
export interface BrokerStore {
  readonly journal: Journal
  readonly topics: TopicTable
  readonly groups: GroupTable
  readonly offsets: OffsetTable
  readonly keyValues: KeyValueTable
  readonly log: CommitLog
  readonly queues: ConsumeQueues
  readonly index: MessageIndex
  readonly due: DueTable
  readonly popped: PoppedTable
  readonly modes: RequestModeTable
  readonly messages: MessageStore
  readonly reader: QueueReader
  readonly cleaner: Cleaner
  /** How full the place is where all this is kept. */
  readonly usage: () => StoreUsage
}

/** Loads what a store holds. */
export function openBrokerStore(options: BrokerStoreOptions): BrokerStore {
  const { store, clock } = options
  const journal = new Journal({ store, clock, onFatal: options.onFatal })
  const topics = new TopicTable({ store, journal, clock })
  const groups = new GroupTable({ store, journal, clock })
  const offsets = new OffsetTable({ store, journal })
  const keyValues = new KeyValueTable({ store, journal })
  const log = new CommitLog(store)
  const queues = new ConsumeQueues(store)
  const index = new MessageIndex(store)
  const due = new DueTable(store)
  const popped = new PoppedTable(store)
  const modes = new RequestModeTable({ store, journal })
  const { storeHost, onStored } = options
  const messages = new MessageStore({ clock, journal, log, queues, index, due, topics, storeHost, onStored })
  const reader = new QueueReader({ topics, queues, log })
  const { inBackground } = options
  const cleaner = new Cleaner({ store, journal, log, queues, index, due, topics, inBackground })
  const usage = (): StoreUsage => store.usage()
  const tables = { topics, groups, offsets, keyValues, index, due, popped, modes }
  return { journal, ...tables, log, queues, messages, reader, cleaner, usage }
}
