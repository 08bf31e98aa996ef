import { ConnectionError } from '../errors.ts'
import { decodeMessages, type MessageQueue, PullSysFlag, TOOLS_GROUP } from '../protocol/index.ts'
import type { InvokeOptions, RemotingClient } from '../remoting/index.ts'
import type { RouteTable } from './route-table.ts'

/** Java's time for asking about offsets. */
const TIMEOUT_MS = 6000

/** From this version on a search by time answers the first message at or after it. */
const EXACT_SEARCH_VERSION = 413

/** The bounds of queues and where a time lies in them, from the brokers' masters. */
export class QueueOffsets {
  readonly #remoting: RemotingClient
  readonly #routes: RouteTable

  constructor(options: { readonly remoting: RemotingClient; readonly routes: RouteTable }) {
    this.#remoting = options.remoting
    this.#routes = options.routes
  }

  /** The lowest offset that still has a message; what was before has expired. */
  async min(queue: MessageQueue, options: InvokeOptions = {}): Promise<number> {
    const address = await this.masterOf(queue)
    return (await this.#remoting.invoke(address, 'getMinOffset', target(queue), { timeoutMs: TIMEOUT_MS, ...options }))
      .offset
  }

  /** The offset the next message will have. */
  async max(queue: MessageQueue, options: InvokeOptions = {}): Promise<number> {
    const address = await this.masterOf(queue)
    return (await this.#remoting.invoke(address, 'getMaxOffset', target(queue), { timeoutMs: TIMEOUT_MS, ...options }))
      .offset
  }

  /** A group's committed offset; `undefined` when the broker has none. A 4.9 broker says 0 for a queue nobody committed. */
  async committed(group: string, queue: MessageQueue, options: InvokeOptions = {}): Promise<number | undefined> {
    const address = await this.masterOf(queue)
    const request = { consumerGroup: group, ...target(queue), setZeroIfNotFound: false }
    const answer = await this.#remoting.invoke(address, 'queryConsumerOffset', request, {
      timeoutMs: TIMEOUT_MS,
      ...options,
    })
    return answer.outcome === 'FOUND' ? answer.offset : undefined
  }

  /**
   * The offset of the first message stored at or after a time (ms since the epoch); the max offset when all are older.
   * Brokers before 5.0 answer the message nearest on either side: theirs is looked at and put right.
   */
  async search(queue: MessageQueue, timestamp: number, options: InvokeOptions = {}): Promise<number> {
    const address = await this.masterOf(queue)
    const request = { ...target(queue), timestamp }
    const { offset } = await this.#remoting.invoke(address, 'searchOffsetByTimestamp', request, {
      timeoutMs: TIMEOUT_MS,
      ...options,
    })
    if ((this.#remoting.versionOf(address) ?? 0) >= EXACT_SEARCH_VERSION) return offset
    const storedAt = await this.#storeTimeOf(address, queue, offset, options)
    return storedAt !== undefined && storedAt < timestamp ? offset + 1 : offset
  }

  /** The master of a queue's broker. Rejects with ConnectionError when none is known. */
  async masterOf(queue: MessageQueue): Promise<string> {
    await this.#routes.get(queue.topic)
    const address = this.#routes.masterOf(queue.brokerName)
    if (address === undefined) throw new ConnectionError(queue.brokerName, `broker ${queue.brokerName} has no master`)
    return address
  }

  async #storeTimeOf(
    address: string,
    queue: MessageQueue,
    offset: number,
    options: InvokeOptions,
  ): Promise<number | undefined> {
    const request = {
      consumerGroup: TOOLS_GROUP,
      topic: queue.topic,
      queueId: queue.queueId,
      queueOffset: offset,
      maxMsgNums: 1,
      sysFlag: PullSysFlag.SUBSCRIPTION,
      commitOffset: 0,
      suspendTimeoutMillis: 0,
      subscription: '*',
      subVersion: 0,
      expressionType: 'TAG',
    }
    const answer = await this.#remoting.invoke(address, 'pullMessage', request, { timeoutMs: TIMEOUT_MS, ...options })
    if (answer.outcome !== 'FOUND') return undefined
    const [message] = decodeMessages(answer.body)
    return message?.queueOffset === offset ? message.storeTimestamp : undefined
  }
}

function target(queue: MessageQueue): { topic: string; queueId: number; bname: string } {
  return { topic: queue.topic, queueId: queue.queueId, bname: queue.brokerName }
}
