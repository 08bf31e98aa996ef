import type { ClientInstance, TopicRoute } from '../../client/index.ts'
import { NotFoundError } from '../../errors.ts'
import {
  type MessageExt,
  type MessageQueue,
  queueKey,
  queueName,
  type SubscriptionData,
  sqlSubscription,
  TOOLS_GROUP,
  tagSubscription,
} from '../../protocol/index.ts'
import { TaskScope } from '../../support/index.ts'
import { checkExpressions } from '../group-members.ts'
import { PullMessage } from '../pull/pull-message.ts'
import { nameAsUser } from '../user-names.ts'
import { BrowseLoop, type BrowseRange } from './browse-loop.ts'

/** What is browsed, and what becomes of it. */
export interface BrowserParts {
  readonly topic: string
  /** `A || B`; all if left out. */
  readonly tags?: string | undefined
  /** An SQL92 expression, instead of tags. */
  readonly sql?: string | undefined
  /** Which queues; all if left out. */
  readonly includes?: ((queue: MessageQueue) => boolean) | undefined
  /** From where to where; `late` queues have appeared after the start. Rejects when a broker does not answer. */
  readonly rangeOf: (queue: MessageQueue, options: { readonly late: boolean }) => Promise<BrowseRange>
  /** Takes messages of one queue, in order; that queue is read on when it is done. Its error ends the browser. */
  readonly deliver: (messages: readonly MessageExt[], queue: MessageQueue) => void | Promise<void>
  /** @default 32 */
  readonly pullBatchSize?: number | undefined
}

/** Between two attempts to learn where a late queue begins. */
const RETRY_MS = 1000

/**
 * Reads a topic without being a member of any group: pulls only, nothing committed, no heartbeat, nothing left on the
 * broker. Each queue is read in order, beside the others; queues that appear are read too. One life: `start`, then
 * `close`.
 */
export class Browser {
  readonly #client: ClientInstance
  readonly #parts: BrowserParts
  readonly #pulls: PullMessage
  readonly #subscription: SubscriptionData
  readonly #scope: TaskScope
  readonly #seen = new Set<string>()
  #reading = 0
  #forgetRoute: (() => void) | undefined
  #resolve: () => void = () => undefined
  #reject: (error: unknown) => void = () => undefined
  readonly #finished: Promise<void>

  /** @throws UsageError for an expression nobody can read. */
  constructor(client: ClientInstance, parts: BrowserParts) {
    const { clock, logger, remoting, routes } = client
    this.#client = client
    this.#parts = { ...parts, topic: client.wireName(parts.topic), deliver: namedAsUser(parts.deliver, client) }
    const { topic, tags, sql } = this.#parts
    this.#subscription =
      sql === undefined ? tagSubscription(topic, tags, clock.now()) : sqlSubscription(topic, sql, clock.now())
    this.#pulls = new PullMessage({
      group: TOOLS_GROUP,
      remoting,
      replicaOf: ({ brokerName, topic }, brokerId) =>
        routes.replicaOf(brokerName, brokerId) ?? routes.findReplica(brokerName, topic, brokerId),
    })
    this.#scope = new TaskScope({
      clock,
      onError: (error, task) => {
        logger.debug(`${task} failed: ${String(error)}`)
        this.#reject(error)
      },
    })
    this.#finished = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    // Whoever does not wait for the end hears of errors by the log only.
    this.#finished.catch(() => undefined)
  }

  /** Resolves when every queue is read to its end; never when one has none. Rejects with what ended it. */
  get finished(): Promise<void> {
    return this.#finished
  }

  /**
   * Begins to read. Rejects with NotFoundError for an unknown topic, when a broker refuses the expression, and when one does not
   * say where to begin.
   */
  async start(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    const { routes } = this.#client
    const { topic } = this.#parts
    const route = await routes.get(topic, options)
    if (route === undefined) throw new NotFoundError('topic', this.#client.userName(topic))
    // A bad expression in a pull matches nothing, for ever.
    await checkExpressions(this.#client, TOOLS_GROUP, [this.#subscription])
    const queues = this.#unseen(route)
    const ranges = await Promise.all(queues.map((queue) => this.#parts.rangeOf(queue, { late: false })))
    this.#reading = 1
    queues.forEach((queue, index) => {
      const range = ranges[index]
      if (range !== undefined) this.#read(queue, () => Promise.resolve(range))
    })
    routes.watch(topic)
    this.#forgetRoute = routes.onChange((changed) => {
      if (changed.topic !== topic) return
      for (const queue of this.#unseen(changed)) this.#read(queue, (signal) => this.#lateRange(queue, signal))
    })
    this.#client.start()
    this.#done()
  }

  /** Stops reading; resolves when nothing is delivered any more. */
  async close(): Promise<void> {
    if (this.#forgetRoute !== undefined) this.#client.routes.unwatch(this.#parts.topic)
    this.#forgetRoute?.()
    this.#forgetRoute = undefined
    await this.#scope.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #unseen(route: TopicRoute): MessageQueue[] {
    const { includes } = this.#parts
    const queues = route.subscribeQueues.filter((queue) => !this.#seen.has(queueKey(queue)))
    for (const queue of queues) this.#seen.add(queueKey(queue))
    return includes === undefined ? queues : queues.filter(includes)
  }

  #read(queue: MessageQueue, rangeOf: (signal: AbortSignal) => Promise<BrowseRange>): void {
    const { clock, logger } = this.#client
    const { topic, pullBatchSize = 32, deliver } = this.#parts
    const parts = { clock, logger, pulls: this.#pulls, subscription: this.#subscription, pullBatchSize, deliver }
    this.#reading += 1
    this.#scope.run(`reading ${topic} ${queueName(queue)}`, async (signal) => {
      await new BrowseLoop(parts, queue, await rangeOf(signal)).run(signal)
      this.#done()
    })
  }

  async #lateRange(queue: MessageQueue, signal: AbortSignal): Promise<BrowseRange> {
    for (;;) {
      signal.throwIfAborted()
      try {
        return await this.#parts.rangeOf(queue, { late: true })
      } catch (error) {
        this.#client.logger.warn(`cannot read ${queue.topic} ${queueName(queue)}, trying again: ${String(error)}`)
        await this.#client.clock.sleep(RETRY_MS, { signal })
      }
    }
  }

  #done(): void {
    this.#reading -= 1
    if (this.#reading === 0) this.#resolve()
  }
}

/** Delivers messages under the user's names of their topics; without a namespace nothing is to be done for that. */
function namedAsUser(deliver: BrowserParts['deliver'], client: ClientInstance): BrowserParts['deliver'] {
  if (client.namespace === '') return deliver
  return (messages, queue) => {
    nameAsUser(messages, (name) => client.userName(name))
    return deliver(messages, queue)
  }
}
