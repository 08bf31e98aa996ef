import type { ClientInstance } from '../../client/index.ts'
import { NotFoundError, UsageError } from '../../errors.ts'
import { checkGroupName, checkTopicName, type MessageExt, type MessageQueue, queueKey } from '../../protocol/index.ts'
import { TaskScope } from '../../support/index.ts'
import type { Subscription } from '../consumer-options.ts'
import { ConsumerStats, SAMPLE_INTERVAL_MS } from '../consumer-stats.ts'
import { checkExpressions } from '../group-members.ts'
import { Pause } from '../pause.ts'
import { nameAsUser } from '../user-names.ts'
import { buildLiteEngine, type LiteEngine, positionOf } from './lite-engine.ts'
import { liteMember } from './lite-member.ts'
import { type CheckedLiteOptions, type LitePullOptions, litePullOptions } from './lite-pull-options.ts'
import { LiteSubscriptions } from './lite-subscriptions.ts'
import { watchQueues } from './queue-watch.ts'

/** What a lite pull consumer is built from. */
export interface LitePullConsumerParts extends Partial<LitePullOptions> {
  readonly group: string
  /** As for a broadcasting push consumer. */
  readonly offsetsDirectory?: string
  /** Told after the share of a topic has changed. */
  readonly onQueuesChanged?: (topic: string, assigned: readonly MessageQueue[]) => void
}

/** Java's `pollTimeoutMillis`. */
const POLL_TIMEOUT_MS = 5000

/**
 * A consumer that is polled (`DefaultLitePullConsumer.java`): its queues are pulled ahead, and {@link poll} hands out
 * what has come. Queues come by {@link subscribe}, as this member's share of a topic, or by {@link assign}, by hand.
 *
 * **When a message counts as consumed.** Messages of a poll count as consumed when the *next* poll is called, or
 * {@link commit}; not before, and not by closing. So finish with what a poll returned before the next one, also where
 * that goes on asynchronously, and nothing is lost. With `autoCommit` what counts is stored every few seconds and when
 * a queue is lost or the consumer closed; without it only {@link commit} stores anything.
 *
 * Topics and queues are named as the user does. One life: `start`, then `close`.
 */
export class LitePullConsumer {
  readonly group: string
  readonly stats: ConsumerStats
  readonly #client: ClientInstance
  readonly #options: CheckedLiteOptions
  readonly #subscriptions = new LiteSubscriptions()
  readonly #pause = new Pause()
  readonly #engine: LiteEngine
  readonly #rebalancing: TaskScope
  readonly #pulling: TaskScope
  readonly #watches = new Set<() => void>()
  #state: 'NEW' | 'RUNNING' | 'CLOSED' = 'NEW'
  #joined = false
  #closing: Promise<void> | undefined

  /** @throws UsageError for a bad group name or setting. */
  constructor(client: ClientInstance, parts: LitePullConsumerParts) {
    const { group, offsetsDirectory, onQueuesChanged = () => undefined, ...options } = parts
    this.#client = client
    this.group = client.wireName(group)
    checkGroupName(this.group)
    this.#options = litePullOptions(options)
    this.stats = new ConsumerStats(client.clock.now())
    const onError = (error: unknown, task: string): void => {
      client.logger.warn(`${task} failed: ${String(error)}`)
    }
    this.#rebalancing = new TaskScope({ clock: client.clock, onError })
    this.#pulling = new TaskScope({ clock: client.clock, onError })
    this.#engine = buildLiteEngine({
      client,
      group: this.group,
      options: this.#options,
      offsetsDirectory,
      subscriptions: this.#subscriptions,
      stats: this.stats,
      pause: this.#pause,
      pulling: this.#pulling,
      onQueuesChanged: (topic, assigned) => {
        onQueuesChanged(client.userName(topic), this.#asUser(assigned))
      },
    })
  }

  /** The queues it holds now: its share, or those assigned by hand that it could take. */
  get assignment(): readonly MessageQueue[] {
    return this.#asUser(this.#engine.table.owned.map(({ messageQueue }) => messageQueue))
  }

  /**
   * Begins to pull, and joins the group if anything is subscribed. Java hears of its share 1 to 31 s later; here it is asked for at once. Rejects
   * as `PushConsumer.start` does; close it then.
   */
  async start(): Promise<void> {
    if (this.#state !== 'NEW') throw new UsageError('this consumer was started already')
    this.#state = 'RUNNING'
    const { loadOffsets, rebalance, table, offsets, remember } = this.#engine
    const { routes } = this.#client
    await loadOffsets()
    this.#client.start()
    for (const topic of this.#subscriptions.topics) routes.watch(topic)
    await Promise.all(this.#subscriptions.topics.map((topic) => routes.get(topic)))
    await checkExpressions(this.#client, this.group, this.#subscriptions.all)
    if (this.#subscriptions.announced.length > 0) await this.#join()
    this.#rebalancing.run('rebalance', rebalance.run)
    this.#pulling.every('sampling', SAMPLE_INTERVAL_MS, () => {
      this.stats.sample(this.#client.clock.now())
    })
    if (!this.#options.autoCommit) return
    this.#pulling.every('storing offsets', this.#options.autoCommitIntervalMs, () => {
      for (const held of table.owned) remember(held)
      offsets.persistSoon(table.owned.map(({ messageQueue }) => messageQueue))
    })
  }

  /**
   * Wants this member's share of a topic, before or after the start; a second call changes the expression.
   * @throws UsageError for a bad name or expression, and after {@link assign}.
   */
  subscribe(subscription: Subscription): void {
    const topic = this.#client.wireName(subscription.topic)
    checkTopicName(topic)
    const isNew = this.#subscriptions.get(topic) === undefined
    this.#subscriptions.subscribe({ ...subscription, topic }, this.#client.clock.now())
    if (this.#state !== 'RUNNING') return
    if (isNew) this.#client.routes.watch(topic)
    this.#rebalancing.run(`subscribing to ${topic}`, async () => {
      await this.#client.routes.get(topic)
      await this.#join()
      this.#engine.rebalance.wake()
    })
  }

  /** Gives the queues of a topic up; nothing of it is returned any more. */
  unsubscribe(topicName: string): void {
    const topic = this.#client.wireName(topicName)
    if (this.#subscriptions.get(topic) === undefined) return
    this.#subscriptions.unsubscribe(topic)
    this.#dropped([topic])
  }

  /**
   * Takes exactly these queues, whoever else reads them. It is no member of the group then, so nobody's share changes;
   * only the group's offsets are used. `filters` are subscriptions of their topics; without one all messages are wanted.
   * @throws UsageError for a bad expression, and after {@link subscribe}.
   */
  assign(queues: readonly MessageQueue[], filters: readonly Subscription[] = []): void {
    const before = this.#subscriptions.topics
    const wire = (filter: Subscription): Subscription => ({ ...filter, topic: this.#client.wireName(filter.topic) })
    this.#subscriptions.assign(
      queues.map((queue) => this.#wire(queue)),
      filters.map(wire),
      this.#client.clock.now(),
    )
    if (this.#state !== 'RUNNING') return
    const { topics } = this.#subscriptions
    for (const topic of topics) if (!before.includes(topic)) this.#client.routes.watch(topic)
    this.#dropped(before.filter((topic) => !topics.includes(topic)))
  }

  /**
   * Messages of one queue, at most `pullBatchSize`; none when nothing comes in time or the consumer is closed meanwhile.
   * What the last poll returned counts as consumed from now on. Rejects with UsageError when the consumer does not run,
   * or another poll waits: two at a time could not tell whose messages are done.
   */
  async poll(timeoutMs: number = POLL_TIMEOUT_MS): Promise<readonly MessageExt[]> {
    const { polling } = this.#engine
    if (this.#state !== 'RUNNING') throw new UsageError('this consumer is not running')
    if (timeoutMs < 0) throw new UsageError(`a poll cannot wait ${timeoutMs} ms`)
    if (polling.waits) throw new UsageError('another poll of this consumer waits already')
    this.#finish()
    const { clock } = this.#client
    const deadline = clock.monotonic() + timeoutMs
    for (;;) {
      const messages = polling.take(this.#options.pullBatchSize)
      if (messages !== undefined) {
        nameAsUser(messages, (name) => this.#client.userName(name))
        return messages
      }
      const left = deadline - clock.monotonic()
      if (left <= 0 || this.#isClosed()) return []
      await polling.wait(left)
    }
  }

  /** Pulls no more of these queues, and keeps back what is pulled, until they are resumed. */
  pause(queues: readonly MessageQueue[]): void {
    for (const queue of queues) this.#pause.pause(this.#wire(queue))
  }

  resume(queues: readonly MessageQueue[]): void {
    for (const queue of queues) this.#pause.resume(this.#wire(queue))
    this.#engine.polling.look()
  }

  /**
   * Goes on at this offset of a queue. It is committed as any other position is: not by the seek itself. Rejects with
   * UsageError when the queue is not this consumer's or has no such offset.
   */
  async seek(queue: MessageQueue, offset: number): Promise<void> {
    const [min, max] = await this.#bounds(queue)
    const wanted = `offset ${offset} of ${queue.topic} ${queue.brokerName}:${queue.queueId}`
    if (!(offset >= min && offset <= max)) throw new UsageError(`${wanted} is not there: it goes from ${min} to ${max}`)
    const wire = this.#wire(queue)
    if (this.#engine.table.seek(wire, offset)) return
    if (!this.#subscriptions.isAssigned(wire)) throw new UsageError(`${wanted} cannot be sought: the queue is not held`)
    // It is about to be taken.
    this.#engine.seeks.set(queueKey(wire), offset)
  }

  async seekToBegin(queue: MessageQueue): Promise<void> {
    const [min] = await this.#bounds(queue)
    await this.seek(queue, min)
  }

  async seekToEnd(queue: MessageQueue): Promise<void> {
    const [, max] = await this.#bounds(queue)
    await this.seek(queue, max)
  }

  /**
   * Commits where these queues, or all, have got to; what the last poll returned counts as consumed. Resolves when it is
   * stored, at the brokers or in the file, and rejects when it could not be. Java stores it up to 5 s later.
   */
  async commit(queues?: readonly MessageQueue[]): Promise<void> {
    this.#finish()
    const { table, remember, commit } = this.#engine
    const keys = queues && new Set(queues.map((queue) => queueKey(this.#wire(queue))))
    const held = table.owned.filter(({ messageQueue }) => keys?.has(queueKey(messageQueue)) ?? true)
    for (const each of held) remember(each)
    await commit(held.map(({ messageQueue }) => messageQueue))
  }

  /** Commits offsets of the caller's own, as {@link commit} does; of queues it holds only. Others stay as they are. */
  async commitOffsets(offsets: readonly (readonly [MessageQueue, number])[]): Promise<void> {
    const { table, offsets: store, commit } = this.#engine
    for (const [queue, offset] of offsets) {
      if (table.get(this.#wire(queue)) === undefined)
        throw new UsageError(`${queue.topic} ${queue.queueId} is not held`)
      store.update(this.#wire(queue), offset, { increaseOnly: false })
    }
    await commit(offsets.map(([queue]) => this.#wire(queue)))
  }

  /** The group's committed offset as it is stored; `undefined` when there is none. */
  committed(queue: MessageQueue): Promise<number | undefined> {
    return this.#engine.offsets.readStored(this.#wire(queue))
  }

  /** The offset of the message a poll would return next, or has returned last and does not count as consumed yet. */
  position(queue: MessageQueue): number | undefined {
    const held = this.#engine.table.get(this.#wire(queue))
    return held === undefined ? undefined : positionOf(held)
  }

  /** The offset of the first message stored at or after a time, in ms since the epoch. */
  offsetForTimestamp(queue: MessageQueue, timestamp: number): Promise<number> {
    return this.#client.queueOffsets.search(this.#wire(queue), timestamp)
  }

  /** The queues a topic has now. Rejects with NotFoundError when there is no such topic. */
  async fetchMessageQueues(topic: string): Promise<readonly MessageQueue[]> {
    const route = await this.#client.routes.refresh(this.#client.wireName(topic))
    if (route === undefined) throw new NotFoundError('topic', topic)
    return this.#asUser(route.subscribeQueues)
  }

  /** Calls back when the queues of a topic are others than before; returns how to stop that. */
  onTopicQueuesChanged(topic: string, listener: (queues: readonly MessageQueue[]) => void): () => void {
    const stop = watchQueues(this.#client.routes, this.#client.wireName(topic), (queues) => {
      listener(this.#asUser(queues))
    })
    this.#watches.add(stop)
    return () => {
      this.#watches.delete(stop)
      stop()
    }
  }

  /** Leaves the group. With `autoCommit` what counts as consumed is stored; what the last poll returned does not. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Only who wants a share is a member: others would leave queues to one that does not take them, as Java's do. */
  async #join(): Promise<void> {
    if (!this.#joined) {
      this.#joined = true
      const parts = { client: this.#client, group: this.group, options: this.#options, stats: this.stats }
      const inner = { subscriptions: this.#subscriptions, engine: this.#engine, pulling: this.#pulling }
      this.#client.join(liteMember({ ...parts, ...inner }))
    }
    await this.#client.announce()
  }

  async #close(): Promise<void> {
    const { table, polling, offsets, remember } = this.#engine
    const wasRunning = this.#state === 'RUNNING'
    this.#state = 'CLOSED'
    for (const stop of this.#watches) stop()
    await this.#rebalancing.close()
    table.revokeAll()
    polling.look()
    await this.#pulling.close()
    if (this.#options.autoCommit) {
      for (const held of table.all) remember(held)
      await offsets.persist(table.all.map(({ messageQueue }) => messageQueue))
    }
    await this.#client.leave(this.group)
    if (wasRunning) for (const topic of this.#subscriptions.topics) this.#client.routes.unwatch(topic)
  }

  #finish(): void {
    const done = this.#engine.polling.finish()
    if (done === undefined) return
    const { processQueue, batch } = done
    const { messageQueue } = processQueue
    processQueue.lastConsumeTimestamp = this.#client.clock.now()
    this.stats.consumed(messageQueue.topic, { ok: batch.messages.length, failed: 0, calls: 1, millis: 0 })
    const held = this.#engine.table.get(messageQueue)
    if (this.#options.autoCommit && held?.processQueue === processQueue) this.#engine.remember(held)
  }

  /** Topics nobody wants any more: a rebalance gives their queues up. */
  #dropped(topics: readonly string[]): void {
    if (this.#state === 'RUNNING') for (const topic of topics) this.#client.routes.unwatch(topic)
    for (const { messageQueue } of this.#engine.table.owned) {
      const { topic } = messageQueue
      const isWanted = this.#subscriptions.assignedOf(topic)?.some((each) => queueKey(each) === queueKey(messageQueue))
      if (isWanted ?? this.#subscriptions.get(topic) !== undefined) continue
      this.#pulling.run(`giving up ${topic}`, () => this.#engine.table.release(messageQueue))
    }
    this.#engine.rebalance.wake()
  }

  #bounds(queue: MessageQueue): Promise<[number, number]> {
    const { queueOffsets } = this.#client
    return Promise.all([queueOffsets.min(this.#wire(queue)), queueOffsets.max(this.#wire(queue))])
  }

  #wire(queue: MessageQueue): MessageQueue {
    return { ...queue, topic: this.#client.wireName(queue.topic) }
  }

  #asUser(queues: readonly MessageQueue[]): readonly MessageQueue[] {
    return queues.map((queue) => ({ ...queue, topic: this.#client.userName(queue.topic) }))
  }

  /** Asked again after a wait. */
  #isClosed(): boolean {
    return this.#state === 'CLOSED'
  }
}
