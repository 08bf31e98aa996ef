import { ConnectionError, RocketMQError } from '../../errors.ts'
import {
  encodeProperties,
  type MessageExt,
  type MessageQueue,
  MessageSysFlag,
  PropertyName,
  retryTopic,
} from '../../protocol/index.ts'
import type { RemotingClient } from '../../remoting/index.ts'
import type { Logger } from '../../support/index.ts'

interface Options {
  readonly group: string
  readonly remoting: Pick<RemotingClient, 'invoke'>
  readonly logger: Logger
  /** Already resolved: never negative. */
  readonly maxReconsumeTimes: number
  readonly masterOf: (brokerName: string, topic: string) => Promise<string | undefined>
  /** Queues to send to. */
  readonly publishQueuesOf: (topic: string) => Promise<readonly MessageQueue[]>
  readonly now: () => number
}

const TIMEOUT_MS = 5000

/**
 * Hands a message that could not be consumed back to the brokers, to come again later or to go to the DLQ
 * (`DefaultMQPushConsumerImpl#sendMessageBack`).
 */
export class SendMessageBack {
  readonly #options: Options
  #turn = 0

  constructor(options: Options) {
    this.#options = options
  }

  /**
   * Resolves when a broker has stored the copy. First the broker that has the message, which counts; when that fails a
   * copy is sent to the retry topic. Rejects when that fails too: the message is then still ours.
   */
  async send(message: MessageExt, delayLevel: number): Promise<void> {
    try {
      await this.#back(message, delayLevel)
    } catch (error) {
      if (!(error instanceof RocketMQError)) throw error
      this.#options.logger.warn(`cannot send ${message.msgId} back to its broker: ${error.message}; sending a copy`)
      await this.#copy(message, delayLevel)
    }
  }

  /**
   * Hands a message to the DLQ, whichever queue it came from. Resolves when a broker has stored it, which a held lock of the
   * group's queues does not delay; rejects when none took it.
   */
  async toDeadLetters(message: MessageExt): Promise<void> {
    await this.#copy(message, -1)
  }

  async #back(message: MessageExt, delayLevel: number): Promise<void> {
    const { remoting, group, maxReconsumeTimes } = this.#options
    const address = await this.#options.masterOf(message.brokerName, message.storedTopic)
    if (address === undefined)
      throw new ConnectionError(message.brokerName, `broker ${message.brokerName} has no master`)
    const request = {
      offset: message.commitLogOffset,
      group,
      delayLevel,
      originMsgId: message.msgId,
      originTopic: message.topic,
      unitMode: false,
      maxReconsumeTimes,
      bname: message.brokerName,
    }
    await remoting.invoke(address, 'consumerSendMsgBack', request, { timeoutMs: TIMEOUT_MS })
  }

  /** As `produceToRetry`, but a message meant for the DLQ gets there: one past the maximum goes there on every version. */
  async #copy(message: MessageExt, delayLevel: number): Promise<void> {
    const { remoting, group, maxReconsumeTimes, now } = this.#options
    const topic = retryTopic(group)
    const all = await this.#options.publishQueuesOf(topic)
    // The message's own broker has just failed to take it back.
    const others = all.filter(({ brokerName }) => brokerName !== message.brokerName)
    const queues = others.length > 0 ? others : all
    const queue = queues[this.#turn++ % Math.max(1, queues.length)]
    const address = queue && (await this.#options.masterOf(queue.brokerName, topic))
    if (queue === undefined || address === undefined)
      throw new ConnectionError(topic, `nobody takes messages for ${topic}`)
    const exhausted = delayLevel < 0 || message.reconsumeTimes >= maxReconsumeTimes
    const request = {
      producerGroup: group,
      topic,
      defaultTopic: topic,
      defaultTopicQueueNums: 1,
      queueId: queue.queueId,
      // The body goes as it is stored, so that one nobody can decompress gets through as well.
      sysFlag: message.sysFlag & (MessageSysFlag.COMPRESSED | MessageSysFlag.COMPRESSION_MASK),
      bornTimestamp: now(),
      flag: message.flag,
      properties: encodeProperties(
        this.#copyProperties(message, exhausted ? undefined : delayLevel || 3 + message.reconsumeTimes),
      ),
      reconsumeTimes: exhausted ? maxReconsumeTimes + 1 : message.reconsumeTimes + 1,
      maxReconsumeTimes,
      unitMode: false,
      batch: false,
      brokerName: queue.brokerName,
      body: message.storedBody,
    }
    await remoting.invoke(address, 'sendMessageV2', request, { timeoutMs: TIMEOUT_MS })
  }

  #copyProperties(message: MessageExt, delayLevel: number | undefined): Map<string, string> {
    const properties = new Map(message.properties)
    for (const own of [
      PropertyName.MIN_OFFSET,
      PropertyName.MAX_OFFSET,
      PropertyName.CONSUME_START_TIME,
      PropertyName.TRAN_MSG,
      PropertyName.DELAY,
      PropertyName.POP_CK,
      PropertyName.FIRST_POP_TIME,
    ]) {
      properties.delete(own)
    }
    if (delayLevel !== undefined) properties.set(PropertyName.DELAY, String(delayLevel))
    properties.set(PropertyName.RETRY_TOPIC, message.topic)
    if (!properties.has(PropertyName.ORIGIN_MESSAGE_ID)) properties.set(PropertyName.ORIGIN_MESSAGE_ID, message.msgId)
    return properties
  }
}
