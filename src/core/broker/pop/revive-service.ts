import { type MessageExt, PropertyName, popRetryTopic, RETRY_PREFIX } from '../../protocol/index.ts'
import type { Clock, Logger } from '../../support/index.ts'
import { DueLoop } from '../due-loop.ts'
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

/**
 * Makes messages visible again that were popped and not acknowledged in time (`PopReviveService.java`): each is put into
 * its group's retry topic and forgotten as popped in one transaction, so that a crash neither loses nor doubles it.
 */
export class ReviveService {
  readonly #parts: ReviveServiceParts
  readonly #loop: DueLoop

  constructor(parts: ReviveServiceParts) {
    this.#parts = parts
    this.#loop = new DueLoop({
      ...parts,
      failure: 'popped messages could not be made visible again',
      firstDueMs: () => parts.popped.first()?.visibleAtMs,
      deal: () => this.#revive(),
    })
  }

  /** Begins with what the store holds. */
  start(): void {
    this.#loop.start()
  }

  /** Messages were hidden until a time. */
  added(visibleAtMs: number): void {
    this.#loop.added(visibleAtMs)
  }

  /** Stops; what is being revived is finished first. */
  close(): Promise<void> {
    return this.#loop.close()
  }

  async #revive(): Promise<boolean> {
    const rows = this.#parts.popped.due(this.#parts.clock.now(), BATCH)
    if (rows.length === 0) return false
    const removals: Write[] = rows.map((row) => this.#parts.popped.remove(row))
    const messages = rows.flatMap((row) => this.#again(row) ?? [])
    await this.#parts.messages.append(messages, removals)
    return true
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
