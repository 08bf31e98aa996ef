import { QueueLocks } from '../lock/queue-locks.ts'
import type { EngineContext } from './engine-context.ts'

/** The locks of a consumer, where its listener wants the messages in order. */
export function queueLocks({ client, group, options, listener, events }: EngineContext): QueueLocks | undefined {
  // When broadcasting, queues are nobody's alone.
  if (listener.mode !== 'orderly' || options.messageModel === 'BROADCASTING') return undefined
  const { clock, clientId, logger, remoting, routes } = client
  const { lockIntervalMs: intervalMs, lockMaxLiveTimeMs: memberMs } = options
  return new QueueLocks({
    group,
    clientId,
    clock,
    logger,
    remoting,
    masterOf: (brokerName, topic) => routes.findMaster(brokerName, topic),
    life: { memberMs, brokerMs: 2 * memberMs },
    intervalMs,
    changed: (queue, held) => {
      events.locked(queue, held)
    },
  })
}
