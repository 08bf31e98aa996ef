import { UsageError } from '../../errors.ts'
import {
  compareQueues,
  type MessageQueue,
  queueKey,
  type SubscriptionData,
  tagSubscription,
} from '../../protocol/index.ts'
import type { Subscription } from '../consumer-options.ts'
import { subscriptionData } from '../subscription-table.ts'

/** How queues come to a consumer that polls: by its share of topics, or by hand. */
type Mode = 'SUBSCRIBE' | 'ASSIGN'

/** What a lite pull consumer wants: topics, of which it gets a share, or queues that are its own; never both. */
export class LiteSubscriptions {
  #mode: Mode | undefined
  readonly #subscriptions = new Map<string, SubscriptionData>()
  #assigned: readonly MessageQueue[] = []

  /** Whether queues were assigned by hand. */
  get assigns(): boolean {
    return this.#mode === 'ASSIGN'
  }

  /** Topics of which queues are wanted now. */
  get topics(): readonly string[] {
    return [...this.#subscriptions.keys()]
  }

  /** What heartbeats say; nothing of queues assigned by hand. */
  get announced(): readonly SubscriptionData[] {
    return this.assigns ? [] : this.all
  }

  get all(): readonly SubscriptionData[] {
    return [...this.#subscriptions.values()]
  }

  /** What pulls of a topic carry; `undefined` when it is not wanted any more. */
  get(topic: string): SubscriptionData | undefined {
    return this.#subscriptions.get(topic)
  }

  /** The queues of a topic assigned by hand; `undefined` when nothing is assigned so. */
  assignedOf(topic: string): readonly MessageQueue[] | undefined {
    return this.assigns ? this.#assigned.filter((queue) => queue.topic === topic) : undefined
  }

  /** Whether a queue was assigned by hand. */
  isAssigned(queue: MessageQueue): boolean {
    return this.#assigned.some((each) => queueKey(each) === queueKey(queue))
  }

  /** @throws UsageError for a bad expression, and after {@link assign}. */
  subscribe(subscription: Subscription, now: number): void {
    this.#enter('SUBSCRIBE')
    this.#subscriptions.set(subscription.topic, subscriptionData(subscription, now))
  }

  unsubscribe(topic: string): void {
    this.#subscriptions.delete(topic)
    this.#assigned = this.#assigned.filter((queue) => queue.topic !== topic)
  }

  /**
   * Replaces the queues assigned by hand; `filters` say which messages of a topic are wanted, else all.
   * @throws UsageError for a bad expression, and after {@link subscribe}.
   */
  assign(queues: readonly MessageQueue[], filters: readonly Subscription[], now: number): void {
    this.#enter('ASSIGN')
    const wanted = new Map(filters.map((filter) => [filter.topic, subscriptionData(filter, now)]))
    const topics = new Set(queues.map(({ topic }) => topic))
    this.#subscriptions.clear()
    for (const topic of topics) this.#subscriptions.set(topic, wanted.get(topic) ?? tagSubscription(topic, '*', now))
    const unique = new Map(queues.map((queue) => [queueKey(queue), queue]))
    this.#assigned = [...unique.values()].sort(compareQueues)
  }

  /** As Java: a consumer is the one or the other from its first word on. */
  #enter(mode: Mode): void {
    if (this.#mode !== undefined && this.#mode !== mode) {
      throw new UsageError('subscribe and assign are mutually exclusive: one consumer does either')
    }
    this.#mode = mode
  }
}
