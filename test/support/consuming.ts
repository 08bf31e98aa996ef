import type { ConsumeOutcome } from '../../src/core/consumer/consume/call-settlement.ts'
import { ConsumeMessageConcurrentlyService } from '../../src/core/consumer/consume/consume-message-concurrently-service.ts'
import type {
  ConsumeConcurrentlyContext,
  ConsumeConcurrentlyStatus,
  MessageListenerConcurrently,
} from '../../src/core/consumer/consume/message-listener.ts'
import { ProcessQueue } from '../../src/core/consumer/process-queue.ts'
import type { MessageExt } from '../../src/core/protocol/index.ts'
import { silentLogger } from '../../src/core/support/index.ts'
import { message } from './messages.ts'
import { VirtualClock } from './virtual-clock.ts'

/** A listener call that the test ends. */
export interface Call {
  readonly messages: readonly MessageExt[]
  readonly context: ConsumeConcurrentlyContext
  readonly end: (status: ConsumeConcurrentlyStatus) => Promise<void>
  readonly fail: (error: Error) => Promise<void>
}

/** Settings of {@link consuming}. */
export interface ConsumingOptions {
  readonly concurrency?: number
  readonly batch?: number
  readonly queues?: number
  readonly topic?: string
  readonly consumeTimeoutMs?: number
  readonly sendBack?: (message: MessageExt, delayLevel: number) => Promise<void>
}

/** A consume service with queues to put messages into, and everything around it made up. */
export function consuming(listener: MessageListenerConcurrently, options: ConsumingOptions = {}) {
  const clock = new VirtualClock()
  const queues = Array.from(
    { length: options.queues ?? 1 },
    (_, queueId) =>
      new ProcessQueue({ topic: options.topic ?? 'orders', brokerName: 'broker-a', queueId }, clock.now()),
  )
  /** Offsets to commit, by queue id, as they were told. */
  const committed: number[][] = queues.map(() => [])
  const sentBack: { readonly offset: number; readonly level: number; readonly reconsumeTimes: number }[] = []
  const outcomes: ConsumeOutcome[] = []
  const service = new ConsumeMessageConcurrentlyService(
    {
      clock,
      logger: silentLogger,
      listener,
      batchMaxSize: options.batch ?? 1,
      consumeTimeoutMs: options.consumeTimeoutMs ?? 900_000,
      sendBack: async (failed, level) => {
        await options.sendBack?.(failed, level)
        sentBack.push({ offset: failed.queueOffset, level, reconsumeTimes: failed.reconsumeTimes })
      },
      finished: (queue, offset) => committed[queue.queueId]?.push(offset),
      heldQueues: () => queues.length,
      consumed: (_, outcome) => outcomes.push(outcome),
    },
    options.concurrency ?? 20,
  )
  /** The process queue of a queue id. */
  const at = (queueId: number): ProcessQueue => {
    const processQueue = queues[queueId]
    if (processQueue === undefined) throw new Error(`there is no queue ${queueId}`)
    return processQueue
  }
  const next = queues.map(() => 0)
  /** Puts messages with the next offsets into a queue, as a pull does. */
  const put = async (queueId: number, count: number): Promise<void> => {
    const first = next[queueId] ?? 0
    next[queueId] = first + count
    const offsets = Array.from({ length: count }, (_, index) => first + index)
    at(queueId).put(offsets.map((queueOffset) => message({ queueId, queueOffset, topic: options.topic ?? 'orders' })))
    service.submit(at(queueId))
    await clock.settle()
  }
  const totals = () => ({
    ok: outcomes.reduce((sum, { ok }) => sum + ok, 0),
    failed: outcomes.reduce((sum, { failed }) => sum + failed, 0),
  })
  return { clock, service, queues, at, put, committed, sentBack, outcomes, totals }
}

/** {@link consuming} with a listener whose calls stay open. */
export function consumingHeld(options: ConsumingOptions = {}) {
  const calls: Call[] = []
  const all = consuming(
    (messages, context) =>
      new Promise((resolve, reject) => {
        calls.push({
          messages,
          context,
          end: async (status) => {
            resolve(status)
            await all.clock.settle()
          },
          fail: async (error) => {
            reject(error)
            await all.clock.settle()
          },
        })
      }),
    options,
  )
  /** The open call that was given a message of this offset, the newest if there are several. */
  const callOf = (queueOffset: number, queueId = 0): Call => {
    const call = calls.findLast(({ messages }) =>
      messages.some((each) => each.queueOffset === queueOffset && each.queueId === queueId),
    )
    if (call === undefined) throw new Error(`offset ${queueOffset} of queue ${queueId} was not handed out`)
    return call
  }
  return { ...all, calls, callOf }
}
