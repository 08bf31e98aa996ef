import type { MessageQueue } from '../../protocol/index.ts'
import type { EngineEvents } from './engine-events.ts'

/** Tells what a rebalance has changed: what is held of a topic now, against what was held of it before. */
export class ShareTeller {
  /** Of the group, as the last answer listed them. */
  members = 0
  readonly #events: Pick<EngineEvents, 'rebalanced'>
  readonly #owned: () => readonly { readonly messageQueue: MessageQueue }[]
  readonly #before = new Map<string, readonly MessageQueue[]>()

  constructor(
    events: Pick<EngineEvents, 'rebalanced'>,
    owned: () => readonly { readonly messageQueue: MessageQueue }[],
  ) {
    this.#events = events
    this.#owned = owned
  }

  /** What is held of a topic is not what it was. */
  changed(topic: string): void {
    const after = this.#owned().flatMap(({ messageQueue }) => (messageQueue.topic === topic ? messageQueue : []))
    const before = this.#before.get(topic) ?? []
    this.#before.set(topic, after)
    this.#events.rebalanced(topic, { before, after, members: this.members })
  }
}
