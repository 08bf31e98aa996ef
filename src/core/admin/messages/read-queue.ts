import type { ClientInstance } from '../../client/index.ts'
import { ConnectionError } from '../../errors.ts'
import { decodeMessages, type MessageExt, type MessageQueue, PullSysFlag, TOOLS_GROUP } from '../../protocol/index.ts'
import type { InvokeOptions } from '../../remoting/index.ts'

/** Messages of a queue from an offset on, as one pull brings them. */
interface QueuePage {
  /** In order, none before the offset asked for. */
  readonly messages: readonly MessageExt[]
  readonly nextOffset: number
  readonly min: number
  /** The offset the next message will have. */
  readonly max: number
}

/** What to read of a queue. */
export interface QueueRange {
  readonly queue: MessageQueue
  readonly from: number
  /** The first offset not to be read; what comes after the start is not read either way. */
  readonly to: number
}

const PAGE = 32

/** Pulls once, without a group and without a trace: nothing is committed, nobody joins. */
async function pullPage(
  client: ClientInstance,
  asked: { readonly queue: MessageQueue; readonly offset: number; readonly maxMessages?: number },
  wait: InvokeOptions,
): Promise<QueuePage> {
  const { queue, offset, maxMessages = PAGE } = asked
  const { topic, queueId, brokerName } = queue
  const replica = await client.routes.findReplica(brokerName, topic, 0)
  if (replica === undefined) throw new ConnectionError(brokerName, `no address of broker ${brokerName} is known`)
  const request = {
    consumerGroup: TOOLS_GROUP,
    topic,
    queueId,
    queueOffset: offset,
    maxMsgNums: maxMessages,
    sysFlag: PullSysFlag.SUBSCRIPTION,
    commitOffset: 0,
    suspendTimeoutMillis: 0,
    subscription: '*',
    subVersion: 0,
    expressionType: 'TAG',
    bname: brokerName,
  }
  const answer = await client.remoting.invoke(replica.address, 'pullMessage', request, wait)
  const origin = { brokerName, offsetDelta: answer.offsetDelta ?? 0 }
  const messages = answer.outcome === 'FOUND' ? decodeMessages(answer.body, origin) : []
  return {
    messages: messages.filter((message) => message.queueOffset >= offset),
    nextOffset: answer.nextBeginOffset,
    min: answer.minOffset,
    max: answer.maxOffset,
  }
}

/** The message at an offset, and the bounds of its queue; what is left of a compacted queue may have gaps. */
export async function messageAt(
  client: ClientInstance,
  queue: MessageQueue,
  options: { readonly offset: number; readonly wait: InvokeOptions },
): Promise<{ readonly message: MessageExt | undefined; readonly min: number; readonly max: number }> {
  const { offset, wait } = options
  const { messages, min, max } = await pullPage(client, { queue, offset, maxMessages: 1 }, wait)
  return { message: messages.find((message) => message.queueOffset === offset), min, max }
}

/** Reads a part of a queue, a pull at a time, in order. */
export async function* readQueue(
  client: ClientInstance,
  { queue, from, to }: QueueRange,
  wait: InvokeOptions,
): AsyncGenerator<readonly MessageExt[]> {
  for (let offset = from; offset < to; ) {
    wait.signal?.throwIfAborted()
    const { messages, nextOffset } = await pullPage(client, { queue, offset }, wait)
    const wanted = messages.filter((message) => message.queueOffset < to)
    if (wanted.length > 0) yield wanted
    // The queue is shorter than it was said to be.
    if (nextOffset <= offset) return
    offset = nextOffset
  }
}
