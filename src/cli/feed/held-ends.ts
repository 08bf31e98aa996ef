import { type MessageQueue, RETRY_PREFIX } from '../../core/protocol/index.ts'
import { type Clock, inLine, type Logger } from '../../core/support/index.ts'
import type { GroupSnapshot, QueueSnapshot, QueueState } from '../../core/telemetry/index.ts'

/** What asking for ends needs. */
export interface HeldEndsParts {
  readonly clock: Clock
  readonly logger: Logger
  /** The offset the next message of a queue will have, as its broker says. */
  readonly endOf: (queue: MessageQueue) => Promise<number>
}

/** States in which a queue is not pulled, so that no answer tells of what comes meanwhile. */
const HELD: ReadonlySet<QueueState> = new Set(['FLOW', 'BLOCK', 'PAUSED', 'NOLOCK', 'STALL'])
/** An answer to a pull is as good for so long. */
const FRESH_MS = 2000
/** How often brokers are asked, and how many queues at a time. */
const EVERY_MS = 5000
const AT_ONCE = 16

/**
 * The ends of queues that their consumer does not pull just now: a backlog that nobody pulls is the one that matters, and
 * the consumer itself does not see it grow. Brokers are asked beside, while somebody looks; nobody waits for their answers.
 */
export class HeldEnds {
  readonly #parts: HeldEndsParts
  readonly #ends = new Map<string, number>()
  #askedAt = Number.NEGATIVE_INFINITY
  #isAsking = false

  constructor(parts: HeldEndsParts) {
    this.#parts = parts
  }

  /** The group with the ends that are known; what is not is asked for, to be known next time. */
  applied(group: GroupSnapshot): GroupSnapshot {
    const now = this.#parts.clock.now()
    const held = group.queues.filter(
      ({ state, lastPull, max }) => HELD.has(state) && max !== null && now - (lastPull ?? 0) > FRESH_MS,
    )
    if (held.length === 0) return group
    this.#ask(held)
    const corrected = new Map(held.map((queue) => [queue, this.#corrected(queue)]))
    const grown = (isRetry: boolean): number =>
      held
        .filter(({ topic }) => topic.startsWith(RETRY_PREFIX) === isRetry)
        .reduce((sum, queue) => sum + ((corrected.get(queue)?.lag ?? 0) - (queue.lag ?? 0)), 0)
    const { lag, retryLag } = group.totals
    return {
      ...group,
      queues: group.queues.map((queue) => corrected.get(queue) ?? queue),
      totals: {
        ...group.totals,
        lag: lag === null ? null : lag + grown(false),
        retryLag: retryLag === null ? null : retryLag + grown(true),
      },
    }
  }

  #corrected(queue: QueueSnapshot): QueueSnapshot {
    const max = Math.max(queue.max ?? 0, this.#ends.get(keyOf(queue)) ?? 0)
    return { ...queue, max, lag: queue.committed === null ? queue.lag : max - queue.committed }
  }

  #ask(queues: readonly QueueSnapshot[]): void {
    const { clock, logger, endOf } = this.#parts
    if (this.#isAsking || clock.monotonic() - this.#askedAt < EVERY_MS) return
    this.#isAsking = true
    this.#askedAt = clock.monotonic()
    void inLine(AT_ONCE, queues, async (queue) => {
      const { topic, broker: brokerName, queue: queueId } = queue
      try {
        this.#ends.set(keyOf(queue), await endOf({ topic, brokerName, queueId }))
      } catch (error) {
        logger.debug(`the end of ${topic} ${brokerName}:${queueId} is not known: ${String(error)}`)
      }
    }).finally(() => {
      this.#isAsking = false
    })
  }
}

function keyOf({ topic, broker, queue }: QueueSnapshot): string {
  return `${topic}/${broker}:${queue}`
}
