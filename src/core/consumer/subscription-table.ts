import { UsageError } from '../errors.ts'
import {
  checkTopicName,
  popRetryTopic,
  retryTopic,
  type SubscriptionData,
  sqlSubscription,
  tagSubscription,
} from '../protocol/index.ts'
import type { Subscription } from './consumer-options.ts'

/** What a consumer is subscribed to: its own topics and, where there are retries, the group's retry topic. */
export class SubscriptionTable {
  readonly #table = new Map<string, SubscriptionData>()
  /** The version heartbeats carry, of topics whose queues have changed. */
  readonly #announced = new Map<string, number>()
  /** Retry topics of messages that the group has popped, and the topic of each. */
  readonly #poppedFrom = new Map<string, string>()
  readonly #group: string
  readonly #own: readonly string[]

  /** @throws UsageError for a bad topic name or expression. */
  constructor(options: {
    readonly group: string
    readonly subscriptions: readonly Subscription[]
    /** Whether to subscribe to the group's retry topic. @default true */
    readonly retries?: boolean
    readonly now: number
  }) {
    this.#group = options.group
    this.#own = options.subscriptions.map(({ topic }) => topic)
    if (options.subscriptions.length === 0) throw new UsageError('a consumer needs at least one subscription')
    for (const subscription of options.subscriptions) {
      checkTopicName(subscription.topic)
      this.#table.set(subscription.topic, subscriptionData(subscription, options.now))
    }
    if (options.retries === false) return
    const retry = retryTopic(options.group)
    this.#table.set(retry, tagSubscription(retry, '*', options.now))
  }

  get topics(): readonly string[] {
    return [...this.#table.keys()]
  }

  /** The topics somebody has subscribed, without what the group's retries are in. */
  get ownTopics(): readonly string[] {
    return this.#own
  }

  /** Takes the messages along that the group has popped of a topic and not acknowledged. Returns their retry topic, if it is new. */
  addPopped(topic: string, now: number): string | undefined {
    const retry = popRetryTopic(this.#group, topic)
    if (this.#table.has(retry)) return undefined
    this.#table.set(retry, tagSubscription(retry, '*', now))
    this.#poppedFrom.set(retry, topic)
    return retry
  }

  /** Leaves them to POP again. Returns their retry topic, if it was subscribed. */
  removePopped(topic: string): string | undefined {
    const retry = popRetryTopic(this.#group, topic)
    if (!this.#poppedFrom.delete(retry)) return undefined
    this.#table.delete(retry)
    return retry
  }

  /** The topic that a retry topic of popped messages is for. */
  poppedFrom(retryTopic: string): string | undefined {
    return this.#poppedFrom.get(retryTopic)
  }

  /** What heartbeats say. */
  get all(): readonly SubscriptionData[] {
    return [...this.#table.values()].map((subscription) => {
      const subVersion = this.#announced.get(subscription.topic) ?? subscription.subVersion
      return { ...subscription, subVersion }
    })
  }

  /**
   * What pulls of a topic carry. Its version is the first one: a broker refuses a pull that is newer than the last
   * heartbeat it has seen, and never an older one.
   */
  get(topic: string): SubscriptionData | undefined {
    return this.#table.get(topic)
  }

  /** Makes what heartbeats say of a topic newer than any broker has seen (`RebalancePushImpl#messageQueueChanged`). */
  touch(topic: string, now: number): void {
    const subscription = this.#table.get(topic)
    if (subscription === undefined) return
    const newest = this.#announced.get(topic) ?? subscription.subVersion
    this.#announced.set(topic, Math.max(now, newest + 1))
  }
}

/** A subscription as brokers are told of it. Throws UsageError for a bad expression, and for one of a kind there is not. */
export function subscriptionData(subscription: Subscription, now: number): SubscriptionData {
  const { topic } = subscription
  if ('sql' in subscription) return sqlSubscription(topic, subscription.sql, now)
  if (!('expressionType' in subscription)) return tagSubscription(topic, subscription.tags, now)
  const { expressionType, expression } = subscription
  if (expressionType === 'TAG') return tagSubscription(topic, expression, now)
  if (expressionType === 'SQL92') return sqlSubscription(topic, expression, now)
  throw new UsageError(
    `topic ${topic} cannot be filtered by ${expressionType}: there are TAG and SQL92. ` +
      'Filters by a Java class ran on filter servers, which RocketMQ has given up',
  )
}
