import type { ClientInstance, GroupMember, OffsetEntries } from '../client/index.ts'
import { type MessageTrace, openTrace, type TraceOption } from '../producer/index.ts'
import {
  type ConsumeDirectlyResult,
  checkGroupName,
  type MessageExt,
  type MessageQueue,
  retryTopic,
} from '../protocol/index.ts'
import { TaskScope } from '../support/index.ts'
import type { GroupSnapshot } from '../telemetry/index.ts'
import { buildEngine, type Engine } from './assemble/engine.ts'
import type { ConsumerListener } from './assemble/engine-context.ts'
import type { MessageListenerConcurrently } from './consume/message-listener.ts'
import type { MessageListenerOrderly } from './consume/message-listener-orderly.ts'
import { consumeDirectly, consumeDirectlyOrderly } from './consume-directly.ts'
import { consumerListener } from './consumer-listener.ts'
import { type ConsumerOptions, consumerOptions, type Subscription } from './consumer-options.ts'
import { ConsumerStats, SAMPLE_INTERVAL_MS } from './consumer-stats.ts'
import { checkExpressions } from './group-members.ts'
import type { ConsumeMessageHook, FilterMessageHook } from './hook/hooks.ts'
import { type Pausable, Pause } from './pause.ts'
import type { PopQueue } from './pop/pop-table.ts'
import type { HeldQueue } from './process-queue-table.ts'
import { AllocateMessageQueueAveragely } from './rebalance/allocate/averagely.ts'
import { consumeFromWhereName } from './running-info.ts'
import { SubscriptionTable } from './subscription-table.ts'
import { consumeTraceHook } from './trace/consume-trace-hook.ts'
import { EngineEvents } from './watch/engine-events.ts'
import { LOOK_INTERVAL_MS, MemberView } from './watch/member-view.ts'
import { QueueMeters } from './watch/queue-meters.ts'

/** What a push consumer is built from. */
export interface PushConsumerParts extends Partial<ConsumerOptions> {
  readonly group: string
  readonly subscriptions: readonly Subscription[]
  /** Is given messages as they come, many at once. */
  readonly listener?: MessageListenerConcurrently | undefined
  /** Is given the messages of each queue in order; instead of `listener`. */
  readonly orderlyListener?: MessageListenerOrderly | undefined
  /** Told before and after each listener call. */
  readonly consumeHooks?: readonly ConsumeMessageHook[]
  /** May take messages out before they are consumed. */
  readonly filterHooks?: readonly FilterMessageHook[]
  /** Whether what is consumed is told to a trace topic (RMQ_SYS_TRACE_TOPIC), for `queryMsgTraceById`. @default false */
  readonly trace?: TraceOption
  /**
   * Where a broadcasting consumer keeps its offsets: `<directory>/<client id>/<group>/offsets.json`, as Java clients do.
   * The client's id must then stay the same across restarts, and differ from that of every other member on this host.
   */
  readonly offsetsDirectory?: string
  /** Told after the queues held of a topic have changed, named as on the wire (`MessageQueueListener.java`). */
  readonly onQueuesChanged?: (topic: string, assigned: readonly MessageQueue[]) => void
}

/**
 * A member of a consumer group: owns its share of the queues, pulls them ahead of consumption, calls the listener and
 * commits what is finished, at least once (`DefaultMQPushConsumer.java`). It builds the parts and then stays out of a
 * message's way. One life: `start`, then `close`.
 */
export class PushConsumer {
  /** Named as on the wire; what the consumer is given may be named either way. */
  readonly group: string
  readonly stats: ConsumerStats
  readonly #client: ClientInstance
  readonly #options: ConsumerOptions
  readonly #listener: ConsumerListener
  readonly #subscriptions: SubscriptionTable
  readonly #pause = new Pause()
  readonly #engine: Engine
  readonly #rebalancing: TaskScope
  readonly #pulling: TaskScope
  readonly #locking: TaskScope
  readonly #trace: MessageTrace | undefined
  readonly #events: EngineEvents
  readonly #view: MemberView
  #closing: Promise<void> | undefined

  /** @throws UsageError for a bad group name, subscription or setting, or when there is not one listener. */
  constructor(client: ClientInstance, parts: PushConsumerParts) {
    const { clock, logger } = client
    const { group: groupName, subscriptions: wanted, onQueuesChanged, offsetsDirectory, ...settings } = parts
    const { listener, orderlyListener, consumeHooks = [], filterHooks = [], trace, ...options } = settings
    const group = client.wireName(groupName)
    checkGroupName(group)
    const subscriptions = wanted.map((one) => ({ ...one, topic: client.wireName(one.topic) }))
    this.group = group
    this.#client = client
    this.#listener = consumerListener({ listener, orderlyListener }, client)
    this.#options = consumerOptions(options, {
      strategy: AllocateMessageQueueAveragely,
      consumeFromWhere: { from: 'last' },
    })
    const startedAt = clock.now()
    this.stats = new ConsumerStats(startedAt)
    const retries = this.#options.messageModel === 'CLUSTERING'
    this.#subscriptions = new SubscriptionTable({ group, subscriptions, retries, now: startedAt })
    const onError = (error: unknown, task: string): void => {
      logger.warn(`${task} failed: ${String(error)}`)
    }
    this.#rebalancing = new TaskScope({ clock, onError })
    this.#pulling = new TaskScope({ clock, onError })
    this.#locking = new TaskScope({ clock, onError })
    this.#trace = openTrace(client, trace, { group: client.userName(group), role: 'CONSUME' })
    const hooks = this.#trace === undefined ? consumeHooks : [...consumeHooks, consumeTraceHook(this.#trace, clock)]
    const hooked = {
      hooks,
      consumerGroup: client.userName(group),
      consumeTimeoutMs: this.#options.consumeTimeoutMs,
      clock,
      logger,
    }
    this.#events = new EngineEvents({
      group: client.userName(group),
      clientId: client.clientId,
      now: () => clock.now(),
      userName: (topic) => client.userName(topic),
    })
    const shared = {
      client,
      group,
      options: this.#options,
      subscriptions: this.#subscriptions,
      stats: this.stats,
      meters: new QueueMeters(),
      pause: this.#pause,
    }
    this.#engine = buildEngine({
      ...shared,
      events: this.#events,
      listener: consumerListener({ listener, orderlyListener }, client, hooked),
      filterHooks,
      pulling: this.#pulling,
      offsetsDirectory,
      onQueuesChanged: onQueuesChanged ?? (() => undefined),
    })
    const orderly = this.#listener.mode === 'orderly'
    this.#view = new MemberView({ ...shared, orderly, engine: this.#engine, startedAt })
  }

  /**
   * Joins the group and begins to consume. Rejects when no name server answers, when a broker refuses a subscription,
   * with AuthorizationError when one does not let this member in, and with StorageError when the offsets file of a
   * broadcasting consumer cannot be used; close it then.
   */
  async start(): Promise<void> {
    const { routes } = this.#client
    const { offsets, loadOffsets, service, table, rebalance, locks } = this.#engine
    const { topics, all } = this.#subscriptions
    await loadOffsets()
    this.#client.start()
    for (const topic of topics) routes.watch(topic)
    await Promise.all(topics.map((topic) => routes.get(topic)))
    await checkExpressions(this.#client, this.group, all)
    this.#client.join(this.#member())
    await this.#client.announce()
    // The first heartbeat of a group creates its retry topic; Java notices that up to 30 s later.
    if (this.#options.messageModel === 'CLUSTERING') await routes.refresh(retryTopic(this.group))
    const { persistConsumerOffsetIntervalMs, consumeTimeoutMs } = this.#options
    this.#rebalancing.run('rebalance', rebalance.run)
    if (locks !== undefined) this.#locking.run('renewing locks', locks.run)
    this.#pulling.every('storing offsets', persistConsumerOffsetIntervalMs, () => {
      offsets.persistSoon(table.owned.map((held) => held.messageQueue))
    })
    this.#pulling.every('looking for stuck calls', Math.max(100, consumeTimeoutMs / 10), () => service.expire())
    this.#pulling.every('sampling', SAMPLE_INTERVAL_MS, () => {
      this.stats.sample(this.#client.clock.now())
    })
    this.#pulling.every('looking', LOOK_INTERVAL_MS, () => {
      this.#view.look()
    })
  }

  /**
   * Leaves the group: stops taking queues, stops pulling, lets running listener calls end (at most
   * `awaitTerminationMs`), stores offsets and waits until the brokers have them, unlocks its queues, unregisters. Java stores before its
   * calls have ended, and so consumes their messages twice.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /**
   * Stops pulling a queue, the queues of a topic, or all; what is pulled already is consumed, a pull under way may still
   * bring something, and queues are given up and taken as before. The retry topic goes by its own name.
   */
  pause(what?: Pausable): void {
    this.#pause.pause(this.#wireNamed(what))
  }

  /** Pulls them again; without a word of which, everything that was paused. */
  resume(what?: Pausable): void {
    this.#pause.resume(this.#wireNamed(what))
  }

  /** Listener calls in flight at once; a change takes effect at once. */
  get concurrency(): number {
    return this.#engine.service.concurrency
  }

  set concurrency(limit: number) {
    this.#engine.service.concurrency = consumerOptions({ concurrency: limit }, this.#options).concurrency
  }

  /** Queues owned now, those of the retry topic included. */
  get queues(): readonly HeldQueue[] {
    return this.#engine.table.owned
  }

  /** Queues popped now, because their brokers ask for that; -1 stands for any queue of a broker. */
  get popQueues(): readonly PopQueue[] {
    return this.#engine.pops?.table.owned ?? []
  }

  /** Whether it holds its share of the queues; false until it has learned what that is. */
  get balanced(): boolean {
    return this.#engine.rebalance.passes > 0
  }

  /** Whether everything that its queues held when it took them is finished; false until it knows its share. */
  get caughtUp(): boolean {
    const { rebalance, table, pops } = this.#engine
    if (rebalance.passes === 0 || pops?.table.all.some((queue) => !queue.caughtUp) === true) return false
    return table.all.every((held) => !held.releasing && held.pullLoop.caughtUp)
  }

  /**
   * What this member sees of its group at this moment: itself and the queues it holds. As long as somebody asks, and for a
   * minute after, the time of listener calls is measured by queue.
   */
  snapshot(): GroupSnapshot {
    return this.#view.snapshot()
  }

  #wireNamed(what: Pausable | undefined): Pausable | undefined {
    if (what === undefined || typeof what === 'string') return what && this.#client.wireName(what)
    return { ...what, topic: this.#client.wireName(what.topic) }
  }

  async #close(): Promise<void> {
    const { offsets, service, table, pops } = this.#engine
    await this.#rebalancing.close()
    table.revokeAll()
    pops?.stop()
    service.stop()
    const drained = service.drained(this.#options.awaitTerminationMs)
    await this.#pulling.close()
    if (!(await drained)) {
      this.#client.logger.warn(`${service.inFlight} listener calls did not end in time; their messages come again`)
    }
    await pops?.close()
    await offsets.persist(table.all.map((held) => held.messageQueue))
    await this.#locking.close()
    await table.unlockAll()
    await this.#trace?.close()
    await this.#client.leave(this.group)
    for (const topic of this.#subscriptions.topics) this.#client.routes.unwatch(topic)
  }

  #member(): GroupMember {
    return {
      group: this.group,
      heartbeat: () => ({
        consumeFromWhere: consumeFromWhereName(this.#options.consumeFromWhere),
        consumeType: 'CONSUME_PASSIVELY',
        groupName: this.group,
        messageModel: this.#options.messageModel,
        subscriptionDataSet: this.#subscriptions.all,
        unitMode: false,
      }),
      membersChanged: () => {
        this.#engine.rebalance.wake()
      },
      reconnected: (address) => {
        this.#engine.reconnected(address)
      },
      resetOffsets: (topic, offsets) => {
        this.#resetOffsets(topic, offsets)
      },
      offsets: (topic) => this.#offsetsOf(topic),
      runningInfo: (asked) => Promise.resolve(this.#view.runningInfo(asked.stack)),
      consumeDirectly: (message) => this.#consumeDirectly(message),
    }
  }

  #consumeDirectly(message: MessageExt): Promise<ConsumeDirectlyResult> {
    const { clock } = this.#client
    if (this.#listener.mode === 'concurrent')
      return consumeDirectly(message, { listener: this.#listener.listener, clock })
    const { suspendCurrentQueueTimeMillis, maxReconsumeTimes } = this.#options
    const defaults = { suspendCurrentQueueTimeMillis, maxReconsumeTimes }
    return consumeDirectlyOrderly(message, { listener: this.#listener.listener, clock, defaults })
  }

  #offsetsOf(topic: string): OffsetEntries {
    const { offsets, table } = this.#engine
    return table.owned.flatMap(({ messageQueue }) => {
      const offset = messageQueue.topic === topic ? offsets.inMemory(messageQueue) : undefined
      return offset === undefined ? [] : [[messageQueue, offset] as const]
    })
  }

  /** Java pauses for 10 s so that running calls end first; ours do not count any more, so there is nothing to wait for. */
  #resetOffsets(topic: string, offsets: OffsetEntries): void {
    for (const [queue, offset] of offsets) {
      if (queue.topic !== topic) continue
      this.#events.reset(queue, offset)
      this.#pulling.run(`resetting ${queue.brokerName}:${queue.queueId}`, () =>
        this.#engine.table.moveTo(queue, offset),
      )
    }
  }
}
