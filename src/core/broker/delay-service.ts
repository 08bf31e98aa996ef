import { type MessageExt, PropertyName } from '../protocol/index.ts'
import type { Clock, Logger } from '../support/index.ts'
import { DueLoop } from './due-loop.ts'
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
  readonly #loop: DueLoop

  constructor(parts: DelayServiceParts) {
    this.#parts = parts
    this.#loop = new DueLoop({
      ...parts,
      failure: 'delayed messages could not be delivered',
      firstDueMs: () => parts.due.first()?.dueMs,
      deal: () => this.#deliver(),
    })
  }

  /** Begins with what the store holds. */
  start(): void {
    this.#loop.start()
  }

  /** A message began to wait. */
  added(dueMs: number): void {
    this.#loop.added(dueMs)
  }

  /** Stops; what is being delivered is finished first. */
  close(): Promise<void> {
    return this.#loop.close()
  }

  async #deliver(): Promise<boolean> {
    const rows = this.#parts.due.due(this.#parts.clock.now(), BATCH)
    if (rows.length === 0) return false
    const removals: Write[] = rows.map((row) => this.#parts.due.remove(row))
    const messages = rows.flatMap((row) => this.#wakeUp(row) ?? [])
    await this.#parts.messages.append(messages, removals)
    return true
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
