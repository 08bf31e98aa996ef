import type { ClientInstance } from '../../client/index.ts'
import { type ConsumerRunningInfo, compareText, OUR_VERSION, RETRY_PREFIX, versionName } from '../../protocol/index.ts'
import type { ClientSnapshot, FlowLimits, GroupSnapshot, GroupTotals, QueueSnapshot } from '../../telemetry/index.ts'
import type { Engine } from '../assemble/engine.ts'
import type { ConsumerOptions } from '../consumer-options.ts'
import type { ConsumerStats } from '../consumer-stats.ts'
import type { Pause } from '../pause.ts'
import { queueLimits } from '../pull/flow-control.ts'
import { runningInfo } from '../running-info.ts'
import type { SubscriptionTable } from '../subscription-table.ts'
import type { QueueMeters } from './queue-meters.ts'
import { heldQueueSnapshot, popQueueSnapshot } from './queue-snapshot.ts'

/** How often heads and rates are noted, in ms. */
export const LOOK_INTERVAL_MS = 1000

/** What a member is seen by. */
export interface MemberViewParts {
  readonly client: ClientInstance
  readonly group: string
  readonly orderly: boolean
  readonly options: ConsumerOptions
  readonly subscriptions: SubscriptionTable
  readonly stats: ConsumerStats
  readonly meters: QueueMeters
  readonly pause: Pause
  readonly engine: Pick<Engine, 'offsets' | 'service' | 'table' | 'pops'>
  readonly startedAt: number
}

/** A member of a group as it is seen from outside: the answer to brokers that ask for it, and its part of a snapshot. */
export class MemberView {
  readonly #parts: MemberViewParts

  constructor(parts: MemberViewParts) {
    this.#parts = parts
  }

  /** To be called every {@link LOOK_INTERVAL_MS}; costs some microseconds a hundred queues. */
  look(): void {
    const { client, engine, stats, meters } = this.#parts
    const now = client.clock.now()
    stats.look(now)
    meters.tick(now)
    for (const { processQueue } of engine.table.all) processQueue.look(now)
    for (const { processQueue } of engine.pops?.table.all ?? []) processQueue.look(now)
  }

  /** The answer to GET_CONSUMER_RUNNING_INFO. */
  runningInfo(withStack: boolean): ConsumerRunningInfo {
    const { client, group, orderly, options, subscriptions, stats, startedAt, engine } = this.#parts
    const { offsets, service, table, pops } = engine
    return runningInfo({
      group,
      clientId: client.clientId,
      nameServers: client.nameServer.addresses,
      startedAt,
      now: client.clock.now(),
      options: { ...options, concurrency: service.concurrency },
      orderly,
      subscriptions: subscriptions.all,
      queues: table.owned,
      popQueues: pops?.table.owned ?? [],
      offsets,
      stats,
      stack: withStack ? service.describe() : undefined,
    })
  }

  /** What this member sees of its group: itself, and the queues it holds. Named as the user does. */
  snapshot(): GroupSnapshot {
    const { client, group, options } = this.#parts
    const queues = this.#queues(client.clock.now())
    return {
      group: client.userName(group),
      online: true,
      messageModel: options.messageModel,
      clients: [this.#client(queues)],
      queues,
      totals: this.#totals(queues),
    }
  }

  #queues(now: number): QueueSnapshot[] {
    const { client, engine, meters, options, pause } = this.#parts
    const { offsets, table, pops, service } = engine
    meters.ask(now)
    const look = {
      owners: [client.clientId],
      now,
      offsets,
      pause,
      meters,
      userName: (topic: string) => client.userName(topic),
      limits: this.#limits(),
      saturated: service.inFlight >= service.concurrency,
    }
    const popLimits = { count: options.popThresholdForQueue, bytes: Number.POSITIVE_INFINITY, span: null }
    const pulled = table.owned.map((held) => heldQueueSnapshot(held, look))
    const popped = (pops?.table.owned ?? []).map((queue) => popQueueSnapshot(queue, { ...look, limits: popLimits }))
    return [...pulled, ...popped].sort(
      (a, b) => compareText(a.topic, b.topic) || compareText(a.broker, b.broker) || a.queue - b.queue,
    )
  }

  #limits(): FlowLimits {
    const { options, orderly, engine } = this.#parts
    const { count, sizeBytes, span } = queueLimits(options, engine.table.size)
    return { count, bytes: sizeBytes, span: orderly ? null : span }
  }

  #client(queues: readonly QueueSnapshot[]): ClientSnapshot {
    const { client, orderly, options, stats, engine } = this.#parts
    const { clientId } = client
    return {
      clientId,
      address: clientId.includes('@') ? clientId.slice(0, clientId.indexOf('@')) : null,
      language: 'OTHER',
      version: versionName(OUR_VERSION),
      orderly,
      strategy: options.strategy.name,
      concurrency: engine.service.concurrency,
      limits: this.#limits(),
      queues: queues.length,
      cached: sum(queues, 'cached'),
      cachedBytes: sum(queues, 'cachedBytes'),
      rates: stats.recent(client.clock.now()),
      counts: stats.totals,
      consumeMillis: stats.consumeMillis ?? null,
      error: null,
    }
  }

  #totals(queues: readonly QueueSnapshot[]): GroupTotals {
    const { client, stats } = this.#parts
    const isRetry = ({ topic }: QueueSnapshot): boolean => topic.startsWith(RETRY_PREFIX)
    const unread = queues.flatMap(({ oldestUnread }) => oldestUnread ?? [])
    return {
      lag: sum(
        queues.filter((queue) => !isRetry(queue)),
        'lag',
      ),
      retryLag: sum(queues.filter(isRetry), 'lag'),
      dlq: null,
      cached: sum(queues, 'cached'),
      cachedBytes: sum(queues, 'cachedBytes'),
      inflight: sum(queues, 'inflight'),
      oldestUnread: unread.length === 0 ? null : Math.min(...unread),
      rates: stats.recent(client.clock.now()),
    }
  }
}

/** Of what is known; `null` when nothing is. */
function sum(queues: readonly QueueSnapshot[], field: 'lag' | 'cached' | 'cachedBytes' | 'inflight'): number | null {
  let known: number | null = null
  for (const queue of queues) {
    const value = queue[field]
    if (value !== null) known = (known ?? 0) + value
  }
  return known
}
