import { type MessageRequestMode, messageRequestModeShape } from '../../protocol/index.ts'
import { ConfigRows } from './config-rows.ts'
import type { Journal } from './journal.ts'
import type { KeyValueStore } from './key-value-store.ts'

/** How groups consume topics, where that was set (`MessageRequestModeManager.java`). On disk with the next commit. */
export class RequestModeTable {
  readonly #journal: Journal
  readonly #rows: ConfigRows<MessageRequestMode>
  readonly #modes: Map<string, MessageRequestMode>

  constructor(options: { readonly store: KeyValueStore; readonly journal: Journal }) {
    this.#journal = options.journal
    this.#rows = new ConfigRows('mode', messageRequestModeShape, options.journal)
    this.#modes = this.#rows.load(options.store)
  }

  get(topic: string, group: string): MessageRequestMode | undefined {
    return this.#modes.get(nameOf(topic, group))
  }

  put(mode: MessageRequestMode): void {
    const name = nameOf(mode.topic, mode.consumerGroup)
    this.#modes.set(name, mode)
    this.#rows.put(name, mode)
  }

  /** All that were set, by topic and group. */
  all(): ReadonlyMap<string, ReadonlyMap<string, MessageRequestMode>> {
    const topics = new Map<string, Map<string, MessageRequestMode>>()
    for (const mode of this.#modes.values()) {
      const groups = topics.get(mode.topic) ?? new Map<string, MessageRequestMode>()
      topics.set(mode.topic, groups.set(mode.consumerGroup, mode))
    }
    return topics
  }

  /** Resolves when all changes so far are on disk. */
  flush(): Promise<void> {
    return this.#journal.flush()
  }
}

function nameOf(topic: string, group: string): string {
  return `${topic}\u0000${group}`
}
