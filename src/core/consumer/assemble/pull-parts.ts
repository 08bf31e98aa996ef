import type { MessageQueue } from '../../protocol/index.ts'
import { filterHooks } from '../hook/filter-hooks.ts'
import type { OffsetStore } from '../offset/offset-store.ts'
import { queueLimits } from '../pull/flow-control.ts'
import type { PullLoopParts } from '../pull/pull-loop.ts'
import { PullMessage } from '../pull/pull-message.ts'
import type { EngineContext } from './engine-context.ts'

/** Wires what all pull loops of a consumer share. */
export function pullParts(
  context: EngineContext,
  parts: Pick<PullLoopParts, 'arrived' | 'moved'> & {
    readonly offsets: OffsetStore
    readonly held: () => number
    /** Whether the offset of a queue may ride along with a pull now. */
    readonly mayCommit: (queue: MessageQueue) => boolean
  },
): PullLoopParts {
  const { client, group, options: given, subscriptions, stats, pause, listener } = context
  // As DefaultMQPushConsumerImpl#pullMessage: in order, the span says nothing that the count does not say.
  const options =
    listener.mode === 'orderly' ? { ...given, consumeConcurrentlyMaxSpan: Number.POSITIVE_INFINITY } : given
  const { clock, logger, remoting, routes } = client
  const isBroadcasting = options.messageModel === 'BROADCASTING'
  return {
    clock,
    logger,
    pulls: new PullMessage({
      group,
      remoting,
      replicaOf: ({ brokerName, topic }, brokerId) =>
        routes.replicaOf(brokerName, brokerId) ?? routes.findReplica(brokerName, topic, brokerId),
      sieve: filterHooks(context.filterHooks, { consumerGroup: client.userName(group), logger }),
    }),
    subscriptionOf: (topic) => subscriptions.get(topic),
    limits: () => queueLimits(options, parts.held()),
    pullBatchSize: options.pullBatchSize,
    pullInterval: options.pullInterval,
    // Offset 0 does not ride along: it is what a broker without an offset says anyway (DefaultMQPushConsumerImpl).
    commitOffset: (queue) =>
      isBroadcasting || !parts.mayCommit(queue) ? undefined : positive(parts.offsets.inMemory(queue)),
    paused: (queue) => pause.holds(queue),
    resumed: (queue, signal) => pause.passed(queue, signal),
    arrived: parts.arrived,
    passed: (queue, offset) => {
      parts.offsets.update(queue, offset, { increaseOnly: true })
    },
    moved: parts.moved,
    heartbeat: () => client.heartbeat(),
    observe: {
      pulled: (queue, result, millis) => {
        if (result.messages.length > 0) stats.pulled(queue.topic, result.messages.length, millis)
      },
      heldBack: () => undefined,
      failed: () => undefined,
    },
  }
}

function positive(offset: number | undefined): number | undefined {
  return offset === 0 ? undefined : offset
}
