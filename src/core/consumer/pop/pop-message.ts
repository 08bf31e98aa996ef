import { ConnectionError, ProtocolError } from '../../errors.ts'
import {
  decodeMessages,
  type MessageExt,
  type MessageQueue,
  type Operations,
  type PopHandle,
  PopOffsets,
  PropertyName,
  parsePopHandle,
  popRetryMark,
  type ResponseOf,
  type SubscriptionData,
} from '../../protocol/index.ts'
import type { RemotingClient } from '../../remoting/index.ts'

/** A message with what acknowledges it. */
export interface PoppedMessage {
  readonly message: MessageExt
  readonly handle: PopHandle
}

/** What one POP brought. */
export interface PopResult {
  readonly status: 'FOUND' | 'EMPTY' | 'POLLING_FULL'
  readonly messages: readonly PoppedMessage[]
  /** Messages that are still there; competing pops can keep one from getting them. */
  readonly rest: number
}

/** One POP. */
export interface Pop {
  /** Its id is -1 for any queue of the broker. */
  readonly queue: MessageQueue
  readonly subscription: SubscriptionData
  readonly maxMessages: number
  readonly invisibleMs: number
  /** How long the broker may hold the request when there is nothing; 0: it answers at once. */
  readonly pollMs: number
  /** Whether a queue without an offset of the group begins at its first message. */
  readonly fromFirst: boolean
}

interface Options {
  readonly group: string
  readonly remoting: Pick<RemotingClient, 'invoke'>
  readonly masterOf: (brokerName: string, topic: string) => Promise<string | undefined>
}

const HOLD_SLACK_MS = 10_000

type Answer = ResponseOf<Operations['popMessage']>

/** Pops messages from the master of a broker (`DefaultMQPushConsumerImpl#popMessage`, `MQClientAPIImpl#processPopResponse`). */
export class PopMessage {
  readonly #options: Options

  constructor(options: Options) {
    this.#options = options
  }

  /** Rejects with the errors of `RemotingClient.invoke`, and with ProtocolError when the answer is damaged. */
  async pop({ queue, subscription, ...pop }: Pop): Promise<PopResult> {
    const { group, remoting } = this.#options
    const { brokerName, topic, queueId } = queue
    const address = await this.#options.masterOf(brokerName, topic)
    if (address === undefined) throw new ConnectionError(brokerName, `broker ${brokerName} has no master`)
    const header = {
      consumerGroup: group,
      topic,
      queueId,
      maxMsgNums: pop.maxMessages,
      invisibleTime: pop.invisibleMs,
      pollTime: pop.pollMs,
      // The broker's now: one that is told a time counts from it, and never holds the pop of a client whose clock is behind.
      bornTime: 0,
      initMode: pop.fromFirst ? 0 : 1,
      expType: subscription.expressionType,
      exp: subscription.subString,
      order: false,
      bname: brokerName,
    }
    const answer = await remoting.invoke(address, 'popMessage', header, { timeoutMs: pop.pollMs + HOLD_SLACK_MS })
    const rest = (answer as Partial<Answer>).restNum ?? 0
    if (answer.outcome !== 'FOUND') {
      return { status: answer.outcome === 'POLLING_FULL' ? 'POLLING_FULL' : 'EMPTY', messages: [], rest }
    }
    return { status: 'FOUND', messages: withHandles(answer, group, queue), rest }
  }
}

/** Puts a handle to each message of an answer (`MQClientAPIImpl#processPopResponse`, `ExtraInfoUtil`). */
function withHandles(answer: Answer, group: string, queue: MessageQueue): PoppedMessage[] {
  const starts = new PopOffsets(answer.startOffsetInfo ?? '')
  const offsets = new PopOffsets(answer.msgOffsetInfo ?? '')
  const seen = new Map<string, { readonly first: number; count: number }>()
  return decodeMessages(answer.body, { brokerName: queue.brokerName }).map((message) => {
    const { queueId } = message
    const retry = popRetryMark(group, queue.topic, message.storedTopic)
    // Whoever consumes it knows it by the name it was sent to.
    message.topic = queue.topic
    const key = `${retry}@${queueId}`
    const known = seen.get(key) ?? { first: message.queueOffset, count: 0 }
    seen.set(key, known)
    const index = known.count++
    // Retried messages that are named as the original ones bring their handle along.
    const inside = message.getProperty(PropertyName.POP_CK)
    if (inside !== undefined && answer.startOffsetInfo) return { message, handle: parsePopHandle(inside) }
    const old = !answer.startOffsetInfo
    const startOffset = old ? known.first : starts.at(retry, queueId, 0)
    const queueOffset = old ? message.queueOffset : offsets.at(retry, queueId, index)
    if (startOffset === undefined || queueOffset === undefined) {
      throw new ProtocolError(`${queue.brokerName} popped a message of ${queue.topic} and does not say from where`)
    }
    const { popTime, invisibleTime, reviveQid: reviveQueueId } = answer
    const { brokerName } = queue
    const handle = { startOffset, popTime, invisibleTime, reviveQueueId, retry, brokerName, queueId, queueOffset }
    return { message, handle }
  })
}
