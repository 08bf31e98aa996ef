import { type MessageExt, PropertyName } from '../protocol/index.ts'
import { type Clock, type Logger, type Timer } from '../support/index.ts'
import type { DueRow, DueTable } from './store/due-table.ts'
import type { Write } from './store/key-value-store.ts'
import type { IncomingMessage, MessageStore } from './store/message-store.ts'
import type { TopicTable } from './store/topic-table.ts'

/** What the delay service works with. */
export interface DelayServiceParts {
  readonly clock: Clock
  readonly logger: Logger
  readonly due: DueTable
  readonly messages: MessageStore
  readonly topics: TopicTable
}

/** How many messages one transaction delivers. */
const BATCH = 64

/**
 * Delivers messages when their time has come (`ScheduleMessageService.java`): each is taken from its waiting place and put
 * into its real queue in one transaction, so a crash neither loses nor doubles it.
 */
export class DelayService {
  readonly #parts: DelayServiceParts
  #timer: Timer | undefined
  #timerDueMs = Number.POSITIVE_INFINITY
  #delivering: Promise<void> | undefined
  #closed = false

  constructor(parts: DelayServiceParts) {
    this.#parts = parts
  }

  /** Begins with what the store holds. */
  start(): void {
    this.#schedule(this.#parts.due.first()?.dueMs)
  }

  /** A message began to wait. */
  added(dueMs: number): void {
    if (dueMs < this.#timerDueMs && this.#delivering === undefined) this.#schedule(dueMs)
  }

  /** Stops; what is being delivered is finished first. */
  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    await this.#delivering
  }

  #schedule(dueMs: number | undefined): void {
    this.#timer?.cancel()
    this.#timerDueMs = dueMs ?? Number.POSITIVE_INFINITY
    if (dueMs === undefined || this.#closed) return
    const delayMs = Math.min(Math.max(0, dueMs - this.#parts.clock.now()), MAX_TIMER_MS)
    this.#timer = this.#parts.clock.after(delayMs, () => {
      this.#delivering = this.#deliver()
        .catch((error: unknown) => {
          // The journal has reported it: the broker is going down.
          this.#parts.logger.warn('delayed messages could not be delivered', { error })
          this.#closed = true
        })
        .finally(() => {
          this.#delivering = undefined
          this.#schedule(this.#closed ? undefined : this.#parts.due.first()?.dueMs)
        })
    })
  }

  async #deliver(): Promise<void> {
    for (;;) {
      const rows = this.#parts.due.due(this.#parts.clock.now(), BATCH)
      if (rows.length === 0 || this.#closed) return
      const removals: Write[] = rows.map((row) => this.#parts.due.remove(row))
      const messages = rows.flatMap((row) => this.#wakeUp(row) ?? [])
      await this.#parts.messages.append(messages, removals)
    }
  }

  /** The message as it was meant; `undefined` when there is nowhere to deliver it. */
  #wakeUp(row: DueRow): IncomingMessage | undefined {
    const waiting = this.#parts.messages.at(row.position)
    const topic = waiting?.getProperty(PropertyName.REAL_TOPIC)
    const queueId = Number(waiting?.getProperty(PropertyName.REAL_QID))
    if (waiting && topic !== undefined && Number.isInteger(queueId) && this.#parts.topics.get(topic)) {
      return delivered(waiting, topic, queueId)
    }
    const where = topic ?? 'a topic that is not known any more'
    this.#parts.logger.warn(
      `a delayed message at ${row.position} for ${where} was dropped: its topic or record is gone`,
    )
    return undefined
  }
}

/** Longer timers overflow. */
const MAX_TIMER_MS = 3_600_000

/** DELAY, REAL_TOPIC and REAL_QID stay on the message, as in Java. */
function delivered(waiting: MessageExt, topic: string, queueId: number): IncomingMessage {
  return {
    topic,
    queueId,
    flag: waiting.flag,
    sysFlag: waiting.sysFlag,
    bornTimestamp: waiting.bornTimestamp,
    bornHost: waiting.bornHost,
    reconsumeTimes: waiting.reconsumeTimes,
    body: waiting.storedBody,
    properties: waiting.properties,
  }
}
