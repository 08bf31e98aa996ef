import { ConnectionError } from '../errors.ts'
import { decodeMessages, type MessageQueue, PullSysFlag, TOOLS_GROUP } from '../protocol/index.ts'
import type { InvokeOptions, RemotingClient } from '../remoting/index.ts'
import { firstStored } from './first-stored.ts'
import type { RouteTable } from './route-table.ts'

interface Options {
  readonly remoting: Pick<RemotingClient, 'invoke' | 'versionOf'>
  readonly routes: Pick<RouteTable, 'get' | 'findMaster'>
  /** A topic or group as it is called on the wire. */
  readonly wireName: (name: string) => string
}

/** Java's time for asking about offsets. */
const TIMEOUT_MS = 6000

/** From this version on a search by time answers the first message at or after it. */
const EXACT_SEARCH_VERSION = 413

/** The bounds of queues and where a time lies in them, from the brokers' masters. */
export class QueueOffsets {
  readonly #options: Options

  constructor(options: Options) {
    this.#options = options
  }

  /** The lowest offset that still has a message; what was before has expired. */
  async min(queue: MessageQueue, options: InvokeOptions = {}): Promise<number> {
    const { address, target, limits } = await this.#at(queue, options)
    return (await this.#options.remoting.invoke(address, 'getMinOffset', target, limits)).offset
  }

  /** The offset the next message will have. */
  async max(queue: MessageQueue, options: InvokeOptions = {}): Promise<number> {
    const { address, target, limits } = await this.#at(queue, options)
    return (await this.#options.remoting.invoke(address, 'getMaxOffset', target, limits)).offset
  }

  /** A group's committed offset; `undefined` when the broker has none. A 4.9 broker says 0 for a queue nobody committed. */
  async committed(group: string, queue: MessageQueue, options: InvokeOptions = {}): Promise<number | undefined> {
    const { address, target, limits } = await this.#at(queue, options)
    const request = { consumerGroup: this.#options.wireName(group), ...target, setZeroIfNotFound: false }
    const answer = await this.#options.remoting.invoke(address, 'queryConsumerOffset', request, limits)
    return answer.outcome === 'FOUND' ? answer.offset : undefined
  }

  /**
   * The offset of the first message stored at or after a time (ms since the epoch); the max offset when all are older.
   * Brokers before 5.0 answer a message near to it: theirs is looked at and put right.
   */
  async search(queue: MessageQueue, timestamp: number, options: InvokeOptions = {}): Promise<number> {
    const { address, target, limits } = await this.#at(queue, options)
    const { remoting } = this.#options
    const { offset } = await remoting.invoke(address, 'searchOffsetByTimestamp', { ...target, timestamp }, limits)
    if ((remoting.versionOf(address) ?? 0) >= EXACT_SEARCH_VERSION) return offset
    return firstStored(offset, timestamp, (at) => this.#storeTimeOf(address, target, at, limits))
  }

  /** When the message at an offset was stored, in ms since the epoch; `undefined` when there is none. */
  async storeTime(queue: MessageQueue, offset: number, options: InvokeOptions = {}): Promise<number | undefined> {
    const { address, target, limits } = await this.#at(queue, options)
    return this.#storeTimeOf(address, target, offset, limits)
  }

  /** What a broker itself answers to a search by time, which before 5.0 need not be exact; see {@link search}. */
  async nearest(queue: MessageQueue, timestamp: number, options: InvokeOptions = {}): Promise<number> {
    const { address, target, limits } = await this.#at(queue, options)
    return (await this.#options.remoting.invoke(address, 'searchOffsetByTimestamp', { ...target, timestamp }, limits))
      .offset
  }

  /** The master of a queue's broker. Rejects with ConnectionError when none is known. */
  async masterOf(queue: MessageQueue, options: Pick<InvokeOptions, 'signal'> = {}): Promise<string> {
    const { routes, wireName } = this.#options
    const topic = wireName(queue.topic)
    await routes.get(topic, options)
    const address = await routes.findMaster(queue.brokerName, topic)
    if (address === undefined) throw new ConnectionError(queue.brokerName, `broker ${queue.brokerName} has no master`)
    return address
  }

  async #at(queue: MessageQueue, options: InvokeOptions): Promise<Asked> {
    const { brokerName, queueId } = queue
    const target = { topic: this.#options.wireName(queue.topic), queueId, bname: brokerName }
    return { address: await this.masterOf(queue, options), target, limits: { timeoutMs: TIMEOUT_MS, ...options } }
  }

  async #storeTimeOf(
    address: string,
    target: Asked['target'],
    offset: number,
    limits: InvokeOptions,
  ): Promise<number | undefined> {
    const request = {
      consumerGroup: TOOLS_GROUP,
      ...target,
      queueOffset: offset,
      maxMsgNums: 1,
      sysFlag: PullSysFlag.SUBSCRIPTION,
      commitOffset: 0,
      suspendTimeoutMillis: 0,
      subscription: '*',
      subVersion: 0,
      expressionType: 'TAG',
    }
    const answer = await this.#options.remoting.invoke(address, 'pullMessage', request, limits)
    if (answer.outcome !== 'FOUND') return undefined
    const [message] = decodeMessages(answer.body)
    return message?.queueOffset === offset ? message.storeTimestamp : undefined
  }
}

/** Whom to ask about a queue, and how long to wait. */
interface Asked {
  readonly address: string
  readonly target: { readonly topic: string; readonly queueId: number; readonly bname: string }
  readonly limits: InvokeOptions
}
