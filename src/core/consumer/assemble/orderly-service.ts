import { ConsumeMessageOrderlyService } from '../consume/consume-message-orderly-service.ts'
import type { ConsumeService } from '../consume/consume-service.ts'
import type { MessageListenerOrderly } from '../consume/message-listener-orderly.ts'
import { SendMessageBack } from '../consume/send-message-back.ts'
import type { OffsetStore } from '../offset/offset-store.ts'
import type { EngineContext } from './engine-context.ts'

const MAX_INTEGER = 2_147_483_647
/** What a dead letter says it was tried when there is no limit: Java's default for concurrent consumption. */
const SAID_WITHOUT_LIMIT = 16

/** Wires orderly consumption: results go to the offsets, what fails too often to the dead letters. */
export function orderlyService(
  context: EngineContext,
  offsets: OffsetStore,
  listener: MessageListenerOrderly,
): ConsumeService {
  const { client, group, options, stats, events, meters } = context
  const { clock, logger, remoting, routes } = client
  const isUnlimited = options.maxReconsumeTimes === -1
  const sendBack = new SendMessageBack({
    group,
    remoting,
    logger,
    // One more than this is sent along, and has to be a Java int.
    maxReconsumeTimes: isUnlimited ? SAID_WITHOUT_LIMIT : Math.min(options.maxReconsumeTimes, MAX_INTEGER - 1),
    masterOf: (brokerName, topic) => routes.findMaster(brokerName, topic),
    publishQueuesOf: async (topic) => (await routes.get(topic))?.publishQueues ?? [],
    now: () => clock.now(),
  })
  return new ConsumeMessageOrderlyService(
    {
      clock,
      logger,
      listener,
      batchMaxSize: options.consumeMessageBatchMaxSize,
      suspendCurrentQueueTimeMillis: options.suspendCurrentQueueTimeMillis,
      maxReconsumeTimes: isUnlimited ? MAX_INTEGER : options.maxReconsumeTimes,
      deadLetter: async (message) => {
        // The listener saw the user's name of the topic.
        message.topic = client.wireName(message.topic)
        await sendBack.toDeadLetters(message)
        events.sentBack(message, -1)
      },
      failed: (queue, error) => {
        events.failed(queue, error)
      },
      finished: (queue, offset) => {
        offsets.update(queue, offset, { increaseOnly: false })
      },
      consumed: (queue, outcome) => {
        stats.consumed(queue.topic, outcome)
        meters.consumed(queue, outcome)
        events.consumed(queue, outcome)
      },
    },
    options.concurrency,
  )
}
