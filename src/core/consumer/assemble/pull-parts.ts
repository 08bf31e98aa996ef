import type { OffsetStore } from '../offset/offset-store.ts'
import { queueLimits } from '../pull/flow-control.ts'
import type { PullLoopParts } from '../pull/pull-loop.ts'
import { PullMessage } from '../pull/pull-message.ts'
import type { EngineContext } from './engine-context.ts'

/** Wires what all pull loops of a consumer share. */
export function pullParts(
  context: EngineContext,
  parts: Pick<PullLoopParts, 'arrived' | 'moved'> & { readonly offsets: OffsetStore; readonly held: () => number },
): PullLoopParts {
  const { client, group, options, subscriptions, stats, pause } = context
  const { clock, logger, remoting, routes } = client
  const isBroadcasting = options.messageModel === 'BROADCASTING'
  return {
    clock,
    logger,
    pulls: new PullMessage({
      group,
      remoting,
      replicaOf: (queue, brokerId) => routes.findReplica(queue.brokerName, queue.topic, brokerId),
    }),
    subscriptionOf: (topic) => subscriptions.get(topic),
    limits: () => queueLimits(options, parts.held()),
    pullBatchSize: options.pullBatchSize,
    pullInterval: options.pullInterval,
    // Offset 0 does not ride along: it is what a broker without an offset says anyway (DefaultMQPushConsumerImpl).
    commitOffset: isBroadcasting ? () => undefined : (queue) => positive(parts.offsets.inMemory(queue)),
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
