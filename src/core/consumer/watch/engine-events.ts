import { RocketMQError } from '../../errors.ts'
import { type MessageExt, type MessageQueue, queueKey, queueName } from '../../protocol/index.ts'
import { type TelemetryEvent, type TelemetryEventType, telemetryChannels } from '../../telemetry/index.ts'
import type { ConsumeOutcome } from '../consume/call-settlement.ts'
import type { FlowControlReason } from '../pull/flow-control.ts'

/** Who the events are of, and how it calls things. */
export interface EngineEventsParts {
  /** As the user calls it. */
  readonly group: string
  readonly clientId: string
  readonly now: () => number
  /** A topic of the wire as the user calls it. */
  readonly userName: (topic: string) => string
}

type Details<T extends TelemetryEventType> = Omit<
  Extract<TelemetryEvent, { readonly type: T }>,
  'type' | 'at' | 'group' | 'clientId'
>

/**
 * Publishes what happens in one consumer on the diagnostics channels (`core/telemetry/channels.ts`). Each method first
 * looks whether anybody listens, and makes nothing if not; none is called per message but those of failures.
 */
export class EngineEvents {
  readonly #parts: EngineEventsParts

  constructor(parts: EngineEventsParts) {
    this.#parts = parts
  }

  /** What is held of a topic has changed, between these two. */
  rebalanced(
    topic: string,
    change: { before: readonly MessageQueue[]; after: readonly MessageQueue[]; members: number },
  ) {
    if (!telemetryChannels.rebalance.hasSubscribers) return
    const { before, after, members } = change
    const gained = without(after, before)
    const lost = without(before, after)
    this.#publish('rebalance', { topic: this.#parts.userName(topic), gained, lost, members })
  }

  /** Asked before {@link pulled}, whose argument would be made for nobody. */
  get wantsPulls(): boolean {
    return telemetryChannels.pull.hasSubscribers
  }

  /** A pull was answered. */
  pulled(queue: MessageQueue, pull: { offset: number; outcome: string; messages: number; millis: number }): void {
    if (this.wantsPulls) this.#publish('pull', { ...this.#of(queue), ...pull })
  }

  /** A limit of flow control holds the queue back from now on, or does not any more. */
  flowControl(queue: MessageQueue, reason: FlowControlReason, held: boolean): void {
    if (!telemetryChannels['flow-control'].hasSubscribers) return
    const limit = reason === 'size' ? 'bytes' : reason
    this.#publish('flow-control', { ...this.#of(queue), limit, held })
  }

  consumed(queue: MessageQueue, { ok, failed, millis }: ConsumeOutcome): void {
    if (telemetryChannels.consume.hasSubscribers) this.#publish('consume', { ...this.#of(queue), ok, failed, millis })
  }

  /** A broker has taken a failed message back; level -1 is the dead-letter queue. */
  sentBack({ brokerName, queueId, storedTopic, queueOffset, reconsumeTimes }: MessageExt, delayLevel: number): void {
    if (!telemetryChannels['send-back'].hasSubscribers) return
    const queue = this.#of({ brokerName, queueId, topic: storedTopic })
    this.#publish('send-back', { ...queue, offset: queueOffset, reconsumeTimes, delayLevel })
  }

  persisted(outcome: { queues: number; failed: number; millis: number }): void {
    if (telemetryChannels['offset-persist'].hasSubscribers) this.#publish('offset-persist', outcome)
  }

  locked(queue: MessageQueue, held: boolean): void {
    if (telemetryChannels.lock.hasSubscribers) this.#publish('lock', { ...this.#of(queue), held })
  }

  /** The queue goes on at another offset. */
  reset(queue: MessageQueue, offset: number): void {
    if (telemetryChannels.reset.hasSubscribers) this.#publish('reset', { ...this.#of(queue), offset })
  }

  failed(subject: string | MessageQueue, error: unknown): void {
    if (!telemetryChannels.error.hasSubscribers) return
    const name = typeof subject === 'string' ? subject : `${this.#parts.userName(subject.topic)} ${queueName(subject)}`
    const code = error instanceof RocketMQError ? error.code : 'UNKNOWN'
    this.#publish('error', { subject: name, code, message: error instanceof Error ? error.message : String(error) })
  }

  #of(queue: MessageQueue): { readonly topic: string; readonly queue: string } {
    return { topic: this.#parts.userName(queue.topic), queue: queueName(queue) }
  }

  #publish<T extends TelemetryEventType>(type: T, details: Details<T>): void {
    const { group, clientId, now } = this.#parts
    telemetryChannels[type].publish({ type, at: now(), group, clientId, ...details })
  }
}

/** The names of the queues that others does not have. */
function without(queues: readonly MessageQueue[], others: readonly MessageQueue[]): string[] {
  const known = new Set(others.map(queueKey))
  return queues.filter((queue) => !known.has(queueKey(queue))).map(queueName)
}
