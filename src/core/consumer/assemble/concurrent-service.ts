import { ConsumeMessageConcurrentlyService } from '../consume/consume-message-concurrently-service.ts'
import type { ConsumeService } from '../consume/consume-service.ts'
import type { MessageListenerConcurrently } from '../consume/message-listener.ts'
import { SendMessageBack } from '../consume/send-message-back.ts'
import type { OffsetStore } from '../offset/offset-store.ts'
import type { EngineContext } from './engine-context.ts'

/** Java's default when `maxReconsumeTimes` is -1. */
const DEFAULT_MAX_RECONSUME_TIMES = 16

/** Wires concurrent consumption: results go to the offsets, failures back to the brokers. */
export function concurrentService(
  context: EngineContext,
  offsets: OffsetStore,
  parts: { readonly listener: MessageListenerConcurrently; readonly heldQueues: () => number },
): ConsumeService {
  const { client, group, options, stats } = context
  const { clock, logger, remoting, routes } = client
  const sendBack = new SendMessageBack({
    group,
    remoting,
    logger,
    maxReconsumeTimes: options.maxReconsumeTimes === -1 ? DEFAULT_MAX_RECONSUME_TIMES : options.maxReconsumeTimes,
    masterOf: (brokerName, topic) => routes.findMaster(brokerName, topic),
    publishQueuesOf: async (topic) => (await routes.get(topic))?.publishQueues ?? [],
    now: () => clock.now(),
  })
  return new ConsumeMessageConcurrentlyService(
    {
      clock,
      logger,
      listener: parts.listener,
      batchMaxSize: options.consumeMessageBatchMaxSize,
      consumeTimeoutMs: options.consumeTimeoutMs,
      sendBack: (message, delayLevel) => {
        if (options.messageModel === 'BROADCASTING') {
          logger.warn(`dropping ${message.msgId} of ${message.topic}, which failed: broadcasting knows no retry`)
          return Promise.resolve()
        }
        // As ConsumeMessageConcurrentlyService#sendMessageBack: the listener saw the user's name of the topic.
        message.topic = client.wireName(message.topic)
        return sendBack.send(message, delayLevel)
      },
      finished: (queue, offset) => {
        offsets.update(queue, offset, { increaseOnly: true })
      },
      heldQueues: parts.heldQueues,
      consumed: (queue, outcome) => {
        stats.consumed(queue.topic, outcome)
      },
    },
    options.concurrency,
  )
}
