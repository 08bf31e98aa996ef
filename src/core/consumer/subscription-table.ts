import { UsageError } from '../errors.ts'
import {
  checkTopicName,
  retryTopic,
  type SubscriptionData,
  sqlSubscription,
  tagSubscription,
} from '../protocol/index.ts'
import type { Subscription } from './consumer-options.ts'

/** What a consumer is subscribed to: its own topics and the group's retry topic. */
export class SubscriptionTable {
  readonly #table = new Map<string, SubscriptionData>()

  /** @throws UsageError for a bad topic name or expression. */
  constructor(options: {
    readonly group: string
    readonly subscriptions: readonly Subscription[]
    readonly now: number
  }) {
    if (options.subscriptions.length === 0) throw new UsageError('a consumer needs at least one subscription')
    for (const subscription of options.subscriptions) {
      checkTopicName(subscription.topic)
      this.#table.set(subscription.topic, subscriptionData(subscription, options.now))
    }
    const retry = retryTopic(options.group)
    this.#table.set(retry, tagSubscription(retry, '*', options.now))
  }

  get topics(): readonly string[] {
    return [...this.#table.keys()]
  }

  get all(): readonly SubscriptionData[] {
    return [...this.#table.values()]
  }

  get(topic: string): SubscriptionData | undefined {
    return this.#table.get(topic)
  }

  /** Makes a topic's subscription newer than any broker has seen (`RebalancePushImpl#messageQueueChanged`). */
  touch(topic: string, now: number): void {
    const subscription = this.#table.get(topic)
    if (subscription)
      this.#table.set(topic, { ...subscription, subVersion: Math.max(now, subscription.subVersion + 1) })
  }
}

function subscriptionData(subscription: Subscription, now: number): SubscriptionData {
  if ('sql' in subscription) return sqlSubscription(subscription.topic, subscription.sql, now)
  return tagSubscription(subscription.topic, subscription.tags, now)
}
