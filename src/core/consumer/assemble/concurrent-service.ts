import { ConsumeMessageConcurrentlyService } from '../consume/consume-message-concurrently-service.ts'
import type { ConsumeService } from '../consume/consume-service.ts'
import type { MessageListenerConcurrently } from '../consume/message-listener.ts'
import { SendMessageBack } from '../consume/send-message-back.ts'
import type { OffsetStore } from '../offset/offset-store.ts'
import type { PoppedMessages } from '../pop/popped-messages.ts'
import type { EngineContext } from './engine-context.ts'

/** Java's default when `maxReconsumeTimes` is -1. */
const DEFAULT_MAX_RECONSUME_TIMES = 16

/** How often a message comes again before it is a dead letter. */
export function maxReconsumeTimes({ maxReconsumeTimes: times }: EngineContext['options']): number {
  return times === -1 ? DEFAULT_MAX_RECONSUME_TIMES : times
}

/** Wires the way of failed messages back to the brokers. */
export function messageBack({ client, group, options }: EngineContext): SendMessageBack {
  const { clock, logger, remoting, routes } = client
  return new SendMessageBack({
    group,
    remoting,
    logger,
    maxReconsumeTimes: maxReconsumeTimes(options),
    masterOf: (brokerName, topic) => routes.findMaster(brokerName, topic),
    publishQueuesOf: async (topic) => (await routes.get(topic))?.publishQueues ?? [],
    now: () => clock.now(),
  })
}

/** Wires concurrent consumption: results go to the offsets, failures back to the brokers; of what was popped, to `popped`. */
export function concurrentService(
  context: EngineContext,
  offsets: OffsetStore,
  parts: {
    readonly listener: MessageListenerConcurrently
    readonly heldQueues: () => number
    readonly popped: PoppedMessages | undefined
  },
): ConsumeService {
  const { heldQueues, popped, listener } = parts
  const { client, options, stats, subscriptions, events, meters } = context
  const { clock, logger } = client
  const sendBack = messageBack(context)
  return new ConsumeMessageConcurrentlyService(
    {
      clock,
      logger,
      listener,
      batchMaxSize: options.consumeMessageBatchMaxSize,
      consumeTimeoutMs: options.consumeTimeoutMs,
      poppedFrom: (retryTopic) => subscriptions.poppedFrom(retryTopic),
      sendBack: async (message, delayLevel) => {
        if (options.messageModel === 'BROADCASTING') {
          logger.warn(`dropping ${message.msgId} of ${message.topic}, which failed: broadcasting knows no retry`)
          return
        }
        if (popped?.holds(message) === true) await popped.failed(message, delayLevel)
        else {
          // As ConsumeMessageConcurrentlyService#sendMessageBack: the listener saw the user's name of the topic.
          message.topic = client.wireName(message.topic)
          await sendBack.send(message, delayLevel)
        }
        events.sentBack(message, delayLevel)
      },
      failed: (queue, error) => {
        events.failed(queue, error)
      },
      finished: (queue, offset) => {
        offsets.update(queue, offset, { increaseOnly: true })
      },
      heldQueues,
      consumed: (queue, outcome) => {
        stats.consumed(queue.topic, outcome)
        meters.consumed(queue, outcome)
        events.consumed(queue, outcome)
      },
    },
    options.concurrency,
  )
}
