import { type MessageQueue, queueKey } from '../../protocol/index.ts'
import type { Clock, Logger } from '../../support/index.ts'
import type { AllocateMessageQueueStrategy } from './allocate/strategy.ts'

interface Options {
  readonly group: string
  readonly clientId: string
  readonly strategy: AllocateMessageQueueStrategy
  readonly clock: Pick<Clock, 'monotonic'>
  readonly logger: Logger
  /** How long the old owner of a queue has; 0: no time. */
  readonly handoverMs: number
}

/** What of a topic is shared, and among whom. */
interface Sharing {
  readonly queues: readonly MessageQueue[]
  /** Sorted. */
  readonly clientIds: readonly string[]
}

/** A queue that is ours now and was somebody's who is still there. */
interface Waiting {
  readonly owner: string
  readonly dueAt: number
}

const nothing: ReadonlyMap<string, Waiting> = new Map()

/**
 * Gives the old owner of a queue the time to store where it has come to: who asks for the offset before that gets
 * messages a second time. Java does not wait. Who the old owner is follows from the strategy and the members of the
 * pass before; a queue that was nobody's, or whose owner has gone, is free at once.
 */
export class Handover {
  readonly #options: Options
  readonly #previous = new Map<string, Sharing>()
  /** By topic, then by queue. */
  readonly #waiting = new Map<string, ReadonlyMap<string, Waiting>>()

  constructor(options: Options) {
    this.#options = options
  }

  /**
   * Notes a pass over a topic and says which of the `wanted` queues, by key, are left to their old owners for now. One
   * that is not wanted any more is waited for anew when it is again.
   */
  hold(topic: string, sharing: Sharing, wanted: readonly MessageQueue[]): ReadonlySet<string> {
    const { clock, handoverMs } = this.#options
    const now = clock.monotonic()
    const before = this.#waiting.get(topic) ?? nothing
    const owners = this.#oldOwners(
      topic,
      sharing,
      wanted.filter((queue) => !before.has(queueKey(queue))),
    )
    const live = new Set(sharing.clientIds)
    const waiting = new Map<string, Waiting>()
    for (const key of wanted.map(queueKey)) {
      const owner = owners.get(key)
      const wait = before.get(key) ?? (owner === undefined ? undefined : { owner, dueAt: now + handoverMs })
      if (wait !== undefined && wait.dueAt > now && live.has(wait.owner)) waiting.set(key, wait)
    }
    this.#previous.set(topic, sharing)
    this.#waiting.set(topic, waiting)
    return new Set(waiting.keys())
  }

  /** How long until the next of the queues waited for may be taken, in ms; `undefined` when none is ahead. */
  get dueInMs(): number | undefined {
    const now = this.#options.clock.monotonic()
    const all = [...this.#waiting.values()].flatMap((waiting) => [...waiting.values()])
    const ahead = all.map(({ dueAt }) => dueAt - now).filter((ms) => ms > 0)
    return ahead.length === 0 ? undefined : Math.min(...ahead)
  }

  /** Who else had the queues by the pass before; before the first pass those are asked for who were there without us. */
  #oldOwners(topic: string, sharing: Sharing, asked: readonly MessageQueue[]): ReadonlyMap<string, string> {
    const { group, clientId, strategy, logger, handoverMs } = this.#options
    const owners = new Map<string, string>()
    if (asked.length === 0) return owners
    if (handoverMs === 0 || strategy.ownShareOnly === true) return owners
    const others = sharing.clientIds.filter((listed) => listed !== clientId)
    const { queues, clientIds } = this.#previous.get(topic) ?? { queues: sharing.queues, clientIds: others }
    if (clientIds.length === 0) return owners
    const open = new Set(asked.map(queueKey))
    try {
      for (const candidate of new Set(clientIds)) {
        if (open.size === 0) break
        const found = strategy.allocate({ group, clientId: candidate, queues, clientIds }).map(queueKey)
        const share = found.filter((key) => open.delete(key))
        // What was ours is nobody else's.
        for (const key of candidate === clientId ? [] : share) owners.set(key, candidate)
      }
    } catch (error) {
      // What it cannot say of the past must not keep us from the present.
      logger.debug(`${strategy.name} does not say who had the queues of ${topic}: ${String(error)}`)
    }
    return owners
  }
}
