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
  },
): PullLoopParts {
  const { client, group, options: given, subscriptions, stats, pause, listener, events } = context
  // As DefaultMQPushConsumerImpl#pullMessage: in order, the span says nothing that the count does not say.
  const options =
    listener.mode === 'orderly' ? { ...given, consumeConcurrentlyMaxSpan: Number.POSITIVE_INFINITY } : given
  const { clock, logger, remoting, routes } = client
  // A broker does what comes over one connection in any order: an offset that rides along with a pull may be stored over
  // the newer one that is stored before a queue is unlocked, and the next owner would step back.
  const ridesAlong = options.messageModel === 'CLUSTERING' && listener.mode === 'concurrent'
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
    commitOffset: ridesAlong ? (queue) => positive(parts.offsets.inMemory(queue)) : () => undefined,
    paused: (queue) => pause.holds(queue),
    resumed: (queue, signal) => pause.passed(queue, signal),
    arrived: parts.arrived,
    passed: (queue, offset) => {
      parts.offsets.update(queue, offset, { increaseOnly: true })
    },
    moved: (processQueue, offset) => {
      events.reset(processQueue.messageQueue, offset)
      return parts.moved(processQueue, offset)
    },
    heartbeat: () => client.heartbeat(),
    observe: {
      pulled: (queue, { status, messages: { length: messages } }, millis, offset) => {
        if (messages > 0) stats.pulled(queue.topic, messages, millis)
        if (events.wantsPulls) events.pulled(queue, { offset, outcome: status, messages, millis })
      },
      heldBack: (queue, reason) => {
        events.flowControl(queue, reason, true)
      },
      freed: (queue, reason) => {
        events.flowControl(queue, reason, false)
      },
      failed: (queue, error) => {
        events.failed(queue, error)
      },
    },
  }
}

/** Offset 0 does not ride along: it is what a broker without an offset says anyway (`DefaultMQPushConsumerImpl`). */
function positive(offset: number | undefined): number | undefined {
  return offset === 0 ? undefined : offset
}
