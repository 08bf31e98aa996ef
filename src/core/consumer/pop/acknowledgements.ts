import { BrokerResponseError, ConnectionError } from '../../errors.ts'
import {
  ackBits,
  type BatchAck,
  formatPopHandle,
  mqVersion,
  type PopHandle,
  popRealTopic,
  ResponseCode,
} from '../../protocol/index.ts'
import type { RemotingClient } from '../../remoting/index.ts'
import { type Clock, type Logger, soon, type TaskScope } from '../../support/index.ts'

/** A popped message that is finished. */
export interface Ack {
  readonly topic: string
  readonly handle: PopHandle
  /** By the monotonic clock: acknowledged later it comes again all the same. */
  readonly validUntil: number
}

/** What acknowledging needs from the consumer. */
export interface AcknowledgementsParts {
  readonly group: string
  readonly clock: Clock
  readonly logger: Logger
  readonly scope: TaskScope
  readonly remoting: Pick<RemotingClient, 'invoke' | 'versionOf'>
  readonly masterOf: (brokerName: string, topic: string) => Promise<string | undefined>
}

/** BATCH_ACK_MESSAGE came with 5.1.3. */
const BATCH_VERSION = mqVersion('5.1.3') ?? 0
const BATCH = 128
const RETRY_MS = 1000
/** Bits of one batch. */
const REACH = 8192
/** Answers that another try does not change. */
const FINAL: ReadonlySet<number> = new Set([ResponseCode.NO_MESSAGE, ResponseCode.MESSAGE_ILLEGAL])

/**
 * Tells brokers which popped messages are finished: what ends while one request is on its way goes into the next one. A
 * request that fails is repeated for as long as that helps; Java never repeats one, and gets its messages again.
 */
export class Acknowledgements {
  readonly #parts: AcknowledgementsParts
  readonly #waiting = new Map<string, Ack[]>()
  readonly #busy = new Set<string>()
  #onIdle: (() => void)[] = []

  constructor(parts: AcknowledgementsParts) {
    this.#parts = parts
  }

  add(ack: Ack): void {
    const { brokerName } = ack.handle
    const waiting = this.#waiting.get(brokerName)
    if (waiting !== undefined) {
      waiting.push(ack)
      return
    }
    this.#waiting.set(brokerName, [ack])
    if (!this.#busy.has(brokerName)) this.#begin(brokerName)
  }

  /** Resolves when nothing is left to be told, or after so long. */
  settled(timeoutMs: number): Promise<void> {
    if (this.#isIdle) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = this.#parts.clock.after(timeoutMs, resolve)
      this.#onIdle.push(() => {
        timer.cancel()
        resolve()
      })
    })
  }

  get #isIdle(): boolean {
    return this.#waiting.size === 0 && this.#busy.size === 0
  }

  #begin(brokerName: string): void {
    this.#busy.add(brokerName)
    this.#parts.scope.run(`acknowledging at ${brokerName}`, async (signal) => {
      try {
        await new Promise<void>(soon)
        for (let acks = this.#take(brokerName); acks.length > 0; acks = this.#take(brokerName)) {
          const left = await this.#send(brokerName, acks)
          if (left.length === 0) continue
          this.#waiting.set(brokerName, [...left, ...(this.#waiting.get(brokerName) ?? [])])
          await this.#parts.clock.sleep(RETRY_MS, { signal })
        }
      } finally {
        this.#busy.delete(brokerName)
        if (this.#isIdle) for (const idle of this.#onIdle.splice(0)) idle()
      }
    })
  }

  #take(brokerName: string): readonly Ack[] {
    const waiting = this.#waiting.get(brokerName) ?? []
    this.#waiting.delete(brokerName)
    if (waiting.length > BATCH) this.#waiting.set(brokerName, waiting.splice(BATCH))
    const now = this.#parts.clock.monotonic()
    const valid = waiting.filter(({ validUntil }) => validUntil > now)
    const late = waiting.length - valid.length
    if (late > 0) this.#parts.logger.warn(`${late} popped messages were not acknowledged in time; they come again`)
    // A whole batch that is late must not look like the end.
    return valid.length === 0 && this.#waiting.has(brokerName) ? this.#take(brokerName) : valid
  }

  /** Resolves to those that are worth another try. */
  async #send(brokerName: string, acks: readonly Ack[]): Promise<readonly Ack[]> {
    const { remoting, masterOf, logger } = this.#parts
    try {
      const address = await masterOf(brokerName, acks[0]?.topic ?? '')
      if (address === undefined) throw new ConnectionError(brokerName, `broker ${brokerName} has no master`)
      if (acks.length > 1 && (remoting.versionOf(address) ?? 0) >= BATCH_VERSION && acks.every(isNear)) {
        await remoting.invoke(address, 'batchAckMessage', { body: { brokerName, acks: this.#batches(acks) } })
        return []
      }
      const failed = await Promise.all(acks.map((ack) => this.#sendOne(address, ack)))
      return failed.flatMap((ack) => ack ?? [])
    } catch (error) {
      logger.warn(`cannot acknowledge ${acks.length} popped messages at ${brokerName}: ${String(error)}`)
      return acks
    }
  }

  async #sendOne(address: string, ack: Ack): Promise<Ack | undefined> {
    const { group, remoting, logger } = this.#parts
    const { topic, handle } = ack
    try {
      await remoting.invoke(address, 'ackMessage', {
        consumerGroup: group,
        topic: popRealTopic(group, topic, handle.retry),
        queueId: handle.queueId,
        extraInfo: formatPopHandle(handle),
        offset: handle.queueOffset,
        bname: handle.brokerName,
      })
      return undefined
    } catch (error) {
      const { brokerName, queueId, queueOffset } = handle
      logger.warn(`cannot acknowledge ${topic} ${brokerName}:${queueId} offset ${queueOffset}: ${String(error)}`)
      return error instanceof BrokerResponseError && FINAL.has(error.responseCode) ? undefined : ack
    }
  }

  /** Those of one POP and queue go together, as bits (`MQClientAPIImpl#batchAckMessageAsync`). */
  #batches(acks: readonly Ack[]): BatchAck[] {
    const batches = new Map<string, { readonly first: Ack; readonly positions: number[] }>()
    for (const ack of acks) {
      const { retry, queueId, startOffset, popTime, invisibleTime, reviveQueueId, queueOffset } = ack.handle
      const key = [ack.topic, retry, queueId, startOffset, popTime, invisibleTime, reviveQueueId].join(' ')
      const batch = batches.get(key) ?? { first: ack, positions: [] }
      batch.positions.push(queueOffset - startOffset)
      batches.set(key, batch)
    }
    return [...batches.values()].map(({ first: { topic, handle }, positions }) => ({
      b: ackBits(positions),
      c: this.#parts.group,
      it: handle.invisibleTime,
      pt: handle.popTime,
      q: handle.queueId,
      r: handle.retry,
      rq: handle.reviveQueueId,
      so: handle.startOffset,
      t: topic,
    }))
  }
}

function isNear({ handle: { queueOffset, startOffset } }: Ack): boolean {
  return queueOffset >= startOffset && queueOffset - startOffset < REACH
}
