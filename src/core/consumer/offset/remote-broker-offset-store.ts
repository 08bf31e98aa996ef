import { ConnectionError } from '../../errors.ts'
import type { MessageQueue } from '../../protocol/index.ts'
import type { RemotingClient } from '../../remoting/index.ts'
import type { Logger } from '../../support/index.ts'
import type { OffsetStore, PersistObserver } from './offset-store.ts'
import { OffsetTable } from './offset-table.ts'

interface Options {
  readonly group: string
  readonly remoting: Pick<RemotingClient, 'invoke' | 'oneway'>
  /** The address of a broker's master, or of a replica when it has none; found anew if need be. */
  readonly addressOf: (brokerName: string, topic: string) => Promise<string | undefined>
  readonly logger: Logger
  /** Whether this member may store an offset of a queue now; asked just before it is sent. @default always */
  readonly mayStore?: ((queue: MessageQueue) => boolean) | undefined
  readonly observer?: PersistObserver | undefined
  /** See `ConsumerOptions`. @default true */
  readonly setZeroIfNotFound?: boolean | undefined
}

/** Java's time for asking a broker for an offset. */
const QUERY_TIMEOUT_MS = 5000

/** Keeps a clustering group's progress on the brokers (`RemoteBrokerOffsetStore.java`). */
export class RemoteBrokerOffsetStore implements OffsetStore {
  readonly #options: Options
  readonly #table = new OffsetTable()

  constructor(options: Options) {
    this.#options = options
  }

  inMemory(queue: MessageQueue): number | undefined {
    return this.#table.get(queue)
  }

  async readStored(
    queue: MessageQueue,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<number | undefined> {
    const { topic, queueId, brokerName } = queue
    const address = await this.#address(queue)
    const { group, setZeroIfNotFound = true } = this.#options
    const exact = setZeroIfNotFound ? {} : { setZeroIfNotFound }
    const request = { consumerGroup: group, topic, queueId, bname: brokerName, ...exact }
    const answer = await this.#options.remoting.invoke(address, 'queryConsumerOffset', request, {
      timeoutMs: QUERY_TIMEOUT_MS,
      signal: options.signal,
    })
    return answer.outcome === 'FOUND' ? answer.offset : undefined
  }

  update(queue: MessageQueue, offset: number, options: { readonly increaseOnly: boolean }): void {
    this.#table.update(queue, offset, options.increaseOnly)
  }

  updateAndFreeze(queue: MessageQueue, offset: number): void {
    this.#table.freeze(queue, offset)
  }

  async persist(queues: readonly MessageQueue[]): Promise<void> {
    const startedAt = this.#options.observer?.monotonic() ?? 0
    const stored = await Promise.all(queues.map((queue) => this.#store(queue, this.#told)))
    this.#persisted(stored.length, stored.filter((one) => !one).length, startedAt)
  }

  /** As {@link persist}, but rejects with the first error when not all of it could be stored. */
  async commit(queues: readonly MessageQueue[]): Promise<void> {
    await Promise.all(queues.map((queue) => this.#send(queue, this.#told)))
  }

  persistSoon(queues: readonly MessageQueue[]): void {
    void this.#storeInTurn(queues)
  }

  /** One after another: a thousand at once would all be half done at the same time. */
  async #storeInTurn(queues: readonly MessageQueue[]): Promise<void> {
    const startedAt = this.#options.observer?.monotonic() ?? 0
    let failed = 0
    for (const queue of queues) if (!(await this.#store(queue, this.#said))) failed += 1
    this.#persisted(queues.length, failed, startedAt)
  }

  #persisted(queues: number, failed: number, startedAt: number): void {
    const { observer } = this.#options
    if (queues > 0) observer?.persisted({ queues, failed, millis: observer.monotonic() - startedAt })
  }

  remove(queue: MessageQueue): void {
    this.#table.remove(queue)
  }

  /**
   * Resolves to whether that worked, and never rejects: an offset that is not stored now is stored with the next
   * persist, or its messages come again.
   */
  async #store(queue: MessageQueue, send: (address: string, request: Commit) => Promise<void>): Promise<boolean> {
    const commitOffset = this.#table.get(queue)
    const { topic, queueId, brokerName } = queue
    try {
      await this.#send(queue, send)
      return true
    } catch (error) {
      this.#options.logger.warn(
        `cannot store offset ${commitOffset} of ${topic} ${brokerName}:${queueId}: ${String(error)}`,
      )
      return false
    }
  }

  async #send(queue: MessageQueue, send: (address: string, request: Commit) => Promise<void>): Promise<void> {
    const commitOffset = this.#table.get(queue)
    if (commitOffset === undefined) return
    const { topic, queueId, brokerName } = queue
    const request = { consumerGroup: this.#options.group, topic, queueId, commitOffset, bname: brokerName }
    const address = await this.#address(queue)
    if (this.#options.mayStore?.(queue) ?? true) await send(address, request)
  }

  readonly #told = async (address: string, request: Commit): Promise<void> => {
    await this.#options.remoting.invoke(address, 'updateConsumerOffset', request, { timeoutMs: QUERY_TIMEOUT_MS })
  }

  readonly #said = (address: string, request: Commit): Promise<void> =>
    this.#options.remoting.oneway(address, 'updateConsumerOffset', request)

  async #address(queue: MessageQueue): Promise<string> {
    const address = await this.#options.addressOf(queue.brokerName, queue.topic)
    if (address === undefined)
      throw new ConnectionError(queue.brokerName, `no address of broker ${queue.brokerName} is known`)
    return address
  }
}

interface Commit {
  readonly consumerGroup: string
  readonly topic: string
  readonly queueId: number
  readonly commitOffset: number
  readonly bname: string
}
