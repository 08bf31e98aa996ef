import { type MessageExt, PropertyName, popRetryTopic, RETRY_PREFIX } from '../../protocol/index.ts'
import type { Clock, Logger, Timer } from '../../support/index.ts'
import type { GroupTable } from '../store/group-table.ts'
import type { Write } from '../store/key-value-store.ts'
import type { IncomingMessage, MessageStore } from '../store/message-store.ts'
import type { PoppedRow, PoppedTable } from '../store/popped-table.ts'
import type { TopicTable } from '../store/topic-table.ts'
import { topicConfig } from '../topic-rules.ts'

/** What the revive service works with. */
export interface ReviveServiceParts {
  readonly clock: Clock
  readonly logger: Logger
  readonly popped: PoppedTable
  readonly messages: MessageStore
  readonly topics: TopicTable
  readonly groups: GroupTable
}

/** How many messages one transaction revives. */
const BATCH = 64
/** Longer timers overflow. */
const MAX_TIMER_MS = 3_600_000

/**
 * Makes messages visible again that were popped and not acknowledged in time (`PopReviveService.java`): each is put into
 * its group's retry topic and forgotten as popped in one transaction, so that a crash neither loses nor doubles it.
 */
export class ReviveService {
  readonly #parts: ReviveServiceParts
  #timer: Timer | undefined
  #timerDueMs = Number.POSITIVE_INFINITY
  #reviving: Promise<void> | undefined
  #closed = false

  constructor(parts: ReviveServiceParts) {
    this.#parts = parts
  }

  /** Begins with what the store holds. */
  start(): void {
    this.#schedule(this.#parts.popped.first()?.visibleAtMs)
  }

  /** Messages were hidden until a time. */
  added(visibleAtMs: number): void {
    if (visibleAtMs < this.#timerDueMs && this.#reviving === undefined) this.#schedule(visibleAtMs)
  }

  /** Stops; what is being revived is finished first. */
  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    await this.#reviving
  }

  #schedule(dueMs: number | undefined): void {
    this.#timer?.cancel()
    this.#timerDueMs = dueMs ?? Number.POSITIVE_INFINITY
    if (dueMs === undefined || this.#closed) return
    const delayMs = Math.min(Math.max(0, dueMs - this.#parts.clock.now()), MAX_TIMER_MS)
    this.#timer = this.#parts.clock.after(delayMs, () => {
      this.#reviving = this.#revive()
        .catch((error: unknown) => {
          // The journal has reported it: the broker is going down.
          this.#parts.logger.warn('popped messages could not be made visible again', { error })
          this.#closed = true
        })
        .finally(() => {
          this.#reviving = undefined
          this.#schedule(this.#closed ? undefined : this.#parts.popped.first()?.visibleAtMs)
        })
    })
  }

  async #revive(): Promise<void> {
    for (;;) {
      const rows = this.#parts.popped.due(this.#parts.clock.now(), BATCH)
      if (rows.length === 0 || this.#closed) return
      const removals: Write[] = rows.map((row) => this.#parts.popped.remove(row))
      const messages = rows.flatMap((row) => this.#again(row) ?? [])
      await this.#parts.messages.append(messages, removals)
    }
  }

  /** The message as it comes again; `undefined` when there is nobody or nothing left. */
  #again(row: PoppedRow): IncomingMessage | undefined {
    const { topics, groups, messages, logger } = this.#parts
    const message = messages.at(row.position)
    if (message === undefined || topics.get(row.topic) === undefined || groups.get(row.group) === undefined) {
      logger.warn(`a popped message of ${row.topic} for ${row.group} was dropped: it, its topic or its group is gone`)
      return undefined
    }
    const topic = row.topic.startsWith(RETRY_PREFIX) ? row.topic : popRetryTopic(row.group, row.topic)
    if (topics.get(topic) === undefined) topics.put(topicConfig(topic, 1))
    return retried(message, row, topic)
  }
}

function retried(message: MessageExt, row: PoppedRow, topic: string): IncomingMessage {
  const properties = new Map(message.properties).set(PropertyName.ORIGIN_GROUP, row.group)
  if (!properties.has(PropertyName.FIRST_POP_TIME)) {
    properties.set(PropertyName.FIRST_POP_TIME, String(row.popTimeMs))
  }
  return {
    topic,
    queueId: 0,
    flag: message.flag,
    sysFlag: message.sysFlag,
    bornTimestamp: message.bornTimestamp,
    bornHost: message.bornHost,
    reconsumeTimes: message.reconsumeTimes + 1,
    body: message.storedBody,
    properties,
  }
}
