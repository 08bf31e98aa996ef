import { ConnectionError, TimeoutError } from '../../errors.ts'
import { compareText, type MessageQueue, QueueMap, queueKey, queueName, RETRY_PREFIX } from '../../protocol/index.ts'
import { inLine, type Logger } from '../../support/index.ts'
import type { AllocateMessageQueueStrategy } from './allocate/strategy.ts'
import type { Handover } from './handover.ts'
import { shareOf } from './share.ts'

/**
 * How a pass ended. `incomplete`: this member does not hold its share yet, though it could. `unknown`: nobody knows the
 * queues of a topic, so there is nothing to hold.
 */
export type RebalanceOutcome = 'complete' | 'incomplete' | 'unknown'

/** What a rebalance pass needs to know and may do. */
export interface RebalanceParts {
  readonly group: string
  readonly clientId: string
  readonly strategy: AllocateMessageQueueStrategy
  readonly logger: Logger
  /** Topics subscribed now. */
  readonly topics: () => readonly string[]
  /** The topic's queues, sorted; `undefined` when there is no route. */
  readonly queuesOf: (topic: string) => Promise<readonly MessageQueue[] | undefined>
  /** Client ids of the group as one broker of the topic lists them. */
  readonly membersOf: (topic: string) => Promise<readonly string[] | undefined>
  /** The broker does not list this member: tell it that we are here. */
  readonly notListed: () => Promise<void>
  /** Queues held now, with their state. */
  readonly held: () => readonly {
    readonly messageQueue: MessageQueue
    readonly releasing: boolean
    readonly stalled: boolean
  }[]
  /** Gives a queue up. */
  readonly release: (queue: MessageQueue) => void
  /** Takes a queue; resolves to whether that worked. */
  readonly acquire: (queue: MessageQueue) => Promise<boolean>
  /** Which queues are not asked for yet because their old owners may still store offsets. @default none */
  readonly handover?: Handover
  /** Told after a pass changed what is held of a topic. */
  readonly changed: (topic: string, all: readonly MessageQueue[], assigned: readonly MessageQueue[]) => Promise<void>
}

/** How many queues of a broker are taken at a time: it and we may have thousands. */
const QUEUES_AT_ONCE = 32

const none: ReadonlySet<string> = new Set()

/** Makes what this member holds equal to its share (`RebalanceImpl.java`). */
export class Rebalance {
  readonly #parts: RebalanceParts

  constructor(parts: RebalanceParts) {
    this.#parts = parts
  }

  /** One pass over all topics; ends early when the signal aborts. Resolves to the worst outcome of any topic. */
  async run(signal: AbortSignal): Promise<RebalanceOutcome> {
    const topics = this.#parts.topics()
    const outcomes = new Set<RebalanceOutcome>()
    for (const topic of topics) {
      if (signal.aborted) return 'incomplete'
      try {
        outcomes.add(await this.#topic(topic))
      } catch (error) {
        this.#parts.logger.warn(`rebalance of ${topic} in ${this.#parts.group} failed: ${String(error)}`)
        outcomes.add('incomplete')
      }
    }
    for (const { messageQueue, releasing } of this.#parts.held()) {
      if (!releasing && !topics.includes(messageQueue.topic)) this.#parts.release(messageQueue)
    }
    if (outcomes.has('incomplete')) return 'incomplete'
    return outcomes.has('unknown') ? 'unknown' : 'complete'
  }

  async #topic(topic: string): Promise<RebalanceOutcome> {
    const queues = await this.#parts.queuesOf(topic)
    // A retry topic comes into being with the first message that is sent back.
    if (queues === undefined) return topic.startsWith(RETRY_PREFIX) ? 'complete' : 'unknown'
    const members = await this.#parts.membersOf(topic)
    // As RebalanceImpl#rebalanceByTopic: without an answer nothing changes.
    if (members === undefined) return 'incomplete'
    const clientIds = [...members].sort(compareText)
    const { group, clientId, strategy } = this.#parts
    const assigned = shareOf(strategy, { group, clientId, queues, clientIds })
    const released = this.#release(topic, assigned)
    const waiting = this.#handedOver(topic, { queues, clientIds }, assigned)
    const { acquired, complete } = await this.#acquire(topic, assigned, waiting)
    if (released || acquired) await this.#parts.changed(topic, queues, assigned)
    if (clientIds.includes(clientId)) return complete ? 'complete' : 'incomplete'
    this.#parts.logger.warn(`the brokers do not list ${clientId} as a member of ${group}; announcing it again`)
    await this.#parts.notListed()
    return 'incomplete'
  }

  #release(topic: string, assigned: readonly MessageQueue[]): boolean {
    const wanted = new QueueMap<true>()
    for (const queue of assigned) wanted.set(queue, true)
    let changed = false
    for (const { messageQueue, releasing, stalled } of this.#parts.held()) {
      if (messageQueue.topic !== topic || releasing) continue
      if (wanted.has(messageQueue) && !stalled) continue
      this.#parts.release(messageQueue)
      changed = true
    }
    return changed
  }

  /** The queues, by key, that their old owners still have; those held already are not asked for. */
  #handedOver(
    topic: string,
    sharing: { readonly queues: readonly MessageQueue[]; readonly clientIds: readonly string[] },
    assigned: readonly MessageQueue[],
  ): ReadonlySet<string> {
    const { handover, held } = this.#parts
    if (handover === undefined) return none
    const known = new QueueMap<true>()
    for (const { messageQueue } of held()) known.set(messageQueue, true)
    return handover.hold(
      topic,
      sharing,
      assigned.filter((queue) => !known.has(queue)),
    )
  }

  /** A queue still being released, here or by its old owner, cannot be taken yet: the pass is then incomplete and repeated soon. */
  async #acquire(
    topic: string,
    assigned: readonly MessageQueue[],
    waiting: ReadonlySet<string>,
  ): Promise<{ acquired: boolean; complete: boolean }> {
    const held = new QueueMap<boolean>()
    for (const { messageQueue, releasing } of this.#parts.held()) held.set(messageQueue, releasing)
    const wanted = assigned.filter((queue) => held.get(queue) !== false)
    const free = wanted.filter((queue) => !held.has(queue) && !(waiting.size > 0 && waiting.has(queueKey(queue))))
    const acquired = await Promise.all(byBroker(free).map((queues) => this.#acquireFromBroker(queues)))
    const count = acquired.reduce((sum, some) => sum + some, 0)
    return { acquired: count > 0, complete: count === wanted.length }
  }

  /** Resolves to how many could be taken. A broker that does not answer is not asked for the rest of them in this pass. */
  async #acquireFromBroker(queues: readonly MessageQueue[]): Promise<number> {
    let count = 0
    let silent = false
    await inLine(QUEUES_AT_ONCE, queues, async (queue) => {
      if (silent) return
      try {
        if (await this.#parts.acquire(queue)) count += 1
      } catch (error) {
        silent ||= error instanceof ConnectionError || error instanceof TimeoutError
        this.#parts.logger.warn(`cannot take ${queue.topic} ${queueName(queue)}: ${String(error)}`)
      }
    })
    return count
  }
}

function byBroker(queues: readonly MessageQueue[]): MessageQueue[][] {
  const groups = new Map<string, MessageQueue[]>()
  for (const queue of queues) {
    const group = groups.get(queue.brokerName)
    if (group === undefined) groups.set(queue.brokerName, [queue])
    else group.push(queue)
  }
  return [...groups.values()]
}
