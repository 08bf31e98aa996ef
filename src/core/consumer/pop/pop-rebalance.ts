import type { MessageQueue } from '../../protocol/index.ts'
import type { RebalanceOutcome } from '../rebalance/rebalance.ts'
import type { ConsumeMode, ConsumeModes } from './consume-modes.ts'
import type { PopTable } from './pop-table.ts'

/** What going over between PULL and POP needs to know and may do. */
export interface PopRebalanceParts {
  /** The topics somebody has subscribed; retry topics are always pulled. */
  readonly topics: () => readonly string[]
  readonly modes: Pick<ConsumeModes, 'ask'>
  readonly table: Pick<PopTable, 'assign' | 'owned' | 'pops' | 'holds'>
  /** The monotonic time. */
  readonly monotonic: () => number
  /** Whether queues of the topic are pulled, or being given up. */
  readonly isPulled: (topic: string) => boolean
  /** Whether the topic's brokers list this member; if not they are told that it is here. */
  readonly isListed: (topic: string) => Promise<boolean>
  /** Begins to pull what the group has popped of a topic and not acknowledged, if there may be something (`leftBehind`: there may). */
  readonly takeLeftovers: (topic: string, leftBehind: boolean) => Promise<void>
  /** POP brings it again by itself. `goingOver`: the others do not know of POP yet and must not go on pulling for long. */
  readonly leaveLeftovers: (topic: string, goingOver: boolean) => Promise<void>
  /** Told after what is popped of a topic has changed. */
  readonly changed: (topic: string, popped: readonly MessageQueue[]) => void
}

/** After the last acknowledgement, and after the last pop of messages that are not acknowledged soon. */
const SETTLED_MS = 1000
const STORED_MS = 12_000

/**
 * Finds out before each rebalance which topics are to be popped, and goes over: a queue is popped when the last one
 * pulled of its topic is given up and its offset stored, and pulled when a broker surely tells the offset that the last
 * pop has led to: it does so when all is acknowledged, or 10 s later (`PopBufferMergeService`). Java waits for neither
 * (`RebalanceImpl#getRebalanceResultFromBroker`).
 */
export class PopRebalance {
  readonly #parts: PopRebalanceParts
  readonly #popped = new Map<string, readonly MessageQueue[]>()
  /** Topics that were pulled a moment ago. */
  readonly #goingOver = new Set<string>()
  /** Topics that are to be pulled soon, since when nothing of them is popped, and since when nothing of that is unfinished. */
  readonly #goingBack = new Map<string, { endedAt: number | undefined; settledAt: number | undefined }>()

  constructor(parts: PopRebalanceParts) {
    this.#parts = parts
  }

  /** Whether a topic must not be pulled now. */
  keeps(topic: string): boolean {
    return this.#popped.has(topic) || this.#goingBack.has(topic)
  }

  /** Asks for every topic, once. Resolves to whether all is known. */
  async decide(): Promise<RebalanceOutcome> {
    const outcomes = await Promise.all(this.#parts.topics().map((topic) => this.#decide(topic)))
    return outcomes.includes('incomplete') ? 'incomplete' : 'complete'
  }

  /** Pops what is to be popped, where nothing is pulled any more. */
  apply(): RebalanceOutcome {
    let outcome: RebalanceOutcome = 'complete'
    for (const [topic, queues] of this.#popped) {
      if (this.#parts.isPulled(topic)) {
        this.#goingOver.add(topic)
        outcome = 'incomplete'
        // The others get until the next pass to store their offsets: pops begin there.
      } else if (this.#goingOver.delete(topic)) outcome = 'incomplete'
      else if (this.#parts.table.assign(topic, queues)) this.#changed(topic)
    }
    return outcome
  }

  async #decide(topic: string): Promise<RebalanceOutcome> {
    const said = await this.#parts.modes.ask(topic)
    if (said.mode === 'POP') {
      const isNew = !this.#popped.has(topic)
      this.#popped.set(topic, said.queues)
      this.#goingBack.delete(topic)
      await this.#parts.leaveLeftovers(topic, isNew && this.#parts.isPulled(topic))
      return 'complete'
    }
    const wasPopped = this.#popped.has(topic)
    if (wasPopped && !(await this.#isPull(topic, said))) return 'incomplete'
    this.#popped.delete(topic)
    this.#goingOver.delete(topic)
    if (this.#parts.table.assign(topic, [])) this.#changed(topic)
    if (wasPopped) this.#goingBack.set(topic, { endedAt: undefined, settledAt: undefined })
    if (said.mode === 'PULL' || wasPopped) await this.#parts.takeLeftovers(topic, wasPopped)
    if (!this.#isBack(topic)) return 'incomplete'
    this.#goingBack.delete(topic)
    return 'complete'
  }

  #isBack(topic: string): boolean {
    const since = this.#goingBack.get(topic)
    if (since === undefined) return true
    const { table, monotonic } = this.#parts
    // The pops that are on their way are awaited.
    if (table.pops(topic)) return false
    const now = monotonic()
    since.endedAt ??= now
    if (!table.holds(topic)) since.settledAt ??= now
    return now - (since.settledAt ?? now) >= SETTLED_MS || now - since.endedAt >= STORED_MS
  }

  /** A member that gets nothing pulls, if it is one at all: POP has a queue for everybody. */
  async #isPull(topic: string, { mode }: ConsumeMode): Promise<boolean> {
    if (mode === 'PULL' || mode === 'NO_POP') return true
    const listed = await this.#parts.isListed(topic)
    return mode === 'NONE' && listed
  }

  #changed(topic: string): void {
    const popped = this.#parts.table.owned.map(({ messageQueue }) => messageQueue)
    this.#parts.changed(
      topic,
      popped.filter((queue) => queue.topic === topic),
    )
  }
}
