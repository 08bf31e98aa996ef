import type { ClientInstance, GroupMember } from '../../client/index.ts'
import { UnsupportedError } from '../../errors.ts'
import type { TaskScope } from '../../support/index.ts'
import type { ConsumerStats } from '../consumer-stats.ts'
import { runningInfo } from '../running-info.ts'
import type { LiteEngine } from './lite-engine.ts'
import type { CheckedLiteOptions } from './lite-pull-options.ts'
import type { LiteSubscriptions } from './lite-subscriptions.ts'

/** What a lite pull consumer is to its client. */
interface Parts {
  readonly client: ClientInstance
  readonly group: string
  readonly options: CheckedLiteOptions
  readonly subscriptions: LiteSubscriptions
  readonly stats: ConsumerStats
  readonly engine: LiteEngine
  readonly pulling: TaskScope
}

/**
 * A lite pull consumer as its client sees it. It follows resets of members (220), which Java's leaves aside, so that a
 * group of them could not be reset on brokers before 5.2.
 */
export function liteMember(parts: Parts): GroupMember {
  const { client, group, options, subscriptions, stats, engine, pulling } = parts
  const { table, offsets } = engine
  const startedAt = client.clock.now()
  return {
    group,
    heartbeat: () => ({
      consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
      consumeType: 'CONSUME_ACTIVELY',
      groupName: group,
      messageModel: options.messageModel,
      subscriptionDataSet: subscriptions.announced,
      unitMode: false,
    }),
    membersChanged: () => {
      engine.rebalance.wake()
    },
    resetOffsets: (topic, entries) => {
      for (const [queue, offset] of entries) {
        if (queue.topic !== topic) continue
        pulling.run(`resetting ${queue.brokerName}:${queue.queueId}`, () => table.moveTo(queue, offset))
      }
    },
    offsets: (topic) =>
      table.owned.flatMap(({ messageQueue }) => {
        const offset = messageQueue.topic === topic ? offsets.inMemory(messageQueue) : undefined
        return offset === undefined ? [] : [[messageQueue, offset] as const]
      }),
    runningInfo: () =>
      Promise.resolve(
        runningInfo({
          group,
          clientId: client.clientId,
          nameServers: client.nameServer.addresses,
          startedAt,
          now: client.clock.now(),
          options,
          consumeType: 'CONSUME_ACTIVELY',
          subscriptions: subscriptions.announced,
          queues: table.owned,
          offsets,
          stats,
          stack: undefined,
        }),
      ),
    consumeDirectly: () => Promise.reject(new UnsupportedError('a consumer that polls cannot be handed a message')),
  }
}
