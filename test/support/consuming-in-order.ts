import type { ConsumeOutcome } from '../../src/core/consumer/consume/call-settlement.ts'
import { ConsumeMessageOrderlyService } from '../../src/core/consumer/consume/consume-message-orderly-service.ts'
import type {
  ConsumeOrderlyContext,
  ConsumeOrderlyStatus,
  MessageListenerOrderly,
} from '../../src/core/consumer/consume/message-listener-orderly.ts'
import { QueueLease } from '../../src/core/consumer/lock/queue-lease.ts'
import { ProcessQueue } from '../../src/core/consumer/process-queue.ts'
import type { MessageExt } from '../../src/core/protocol/index.ts'
import { silentLogger } from '../../src/core/support/index.ts'
import { message } from './messages.ts'
import { VirtualClock } from './virtual-clock.ts'

/** A listener call that the test ends. */
export interface OrderlyTestCall {
  readonly queueId: number
  readonly offsets: readonly number[]
  readonly reconsumeTimes: readonly number[]
  readonly context: ConsumeOrderlyContext
  readonly end: (status: ConsumeOrderlyStatus) => Promise<void>
  readonly fail: (error: Error) => Promise<void>
}

/** Settings of {@link consumingInOrder}. */
export interface InOrderOptions {
  readonly concurrency?: number
  readonly batch?: number
  readonly queues?: number
  readonly suspendMs?: number
  readonly maxReconsumeTimes?: number
  /** Without: no queue needs a lock. */
  readonly locked?: boolean
  readonly deadLetter?: (message: MessageExt) => Promise<void>
}

const life = { memberMs: 30_000, brokerMs: 60_000 }

/** An orderly service with queues to put messages into, and everything around it made up. */
export function consumingInOrder(listener: MessageListenerOrderly, options: InOrderOptions = {}) {
  const clock = new VirtualClock()
  const { locked = true } = options
  const newQueue = (queueId: number): ProcessQueue => {
    const messageQueue = { topic: 'orders', brokerName: 'broker-a', queueId }
    const lease = locked ? new QueueLease(messageQueue, { clock, life, sentAt: clock.monotonic() }) : undefined
    return new ProcessQueue(messageQueue, clock.now(), { lease })
  }
  const queues = Array.from({ length: options.queues ?? 1 }, (_, queueId) => newQueue(queueId))
  const committed: number[][] = queues.map(() => [])
  const dead: { readonly offset: number; readonly reconsumeTimes: number }[] = []
  const outcomes: ConsumeOutcome[] = []
  const warnings: string[] = []
  const service = new ConsumeMessageOrderlyService(
    {
      clock,
      logger: { ...silentLogger, warn: (text: string) => warnings.push(text) },
      listener,
      batchMaxSize: options.batch ?? 1,
      suspendCurrentQueueTimeMillis: options.suspendMs ?? 1000,
      maxReconsumeTimes: options.maxReconsumeTimes ?? 2_147_483_647,
      deadLetter: async (failed) => {
        await options.deadLetter?.(failed)
        dead.push({ offset: failed.queueOffset, reconsumeTimes: failed.reconsumeTimes })
      },
      finished: (queue, offset) => committed[queue.queueId]?.push(offset),
      consumed: (_, outcome) => outcomes.push(outcome),
    },
    options.concurrency ?? 20,
  )
  const at = (queueId: number): ProcessQueue => {
    const processQueue = queues[queueId]
    if (processQueue === undefined) throw new Error(`there is no queue ${queueId}`)
    return processQueue
  }
  const next = queues.map(() => 0)
  const put = async (queueId: number, count: number): Promise<void> => {
    const first = next[queueId] ?? 0
    next[queueId] = first + count
    at(queueId).put(Array.from({ length: count }, (_, index) => message({ queueId, queueOffset: first + index })))
    service.submit(at(queueId))
    await clock.settle()
  }
  /** The queue was lost and is taken again, as after a rebalance. */
  const retake = (queueId: number): ProcessQueue => {
    at(queueId).revoke()
    at(queueId).dropped = true
    next[queueId] = 0
    return (queues[queueId] = newQueue(queueId))
  }
  const totals = () => ({
    ok: outcomes.reduce((sum, { ok }) => sum + ok, 0),
    failed: outcomes.reduce((sum, { failed }) => sum + failed, 0),
  })
  return { clock, service, at, put, retake, committed, dead, outcomes, totals, warnings }
}

/** {@link consumingInOrder} with a listener whose calls stay open. */
export function consumingInOrderHeld(options: InOrderOptions = {}) {
  const calls: OrderlyTestCall[] = []
  const all = consumingInOrder(
    (messages, context) =>
      new Promise((resolve, reject) => {
        calls.push({
          queueId: context.messageQueue.queueId,
          offsets: messages.map(({ queueOffset }) => queueOffset),
          reconsumeTimes: messages.map(({ reconsumeTimes }) => reconsumeTimes),
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
  /** The call made last. */
  const last = (): OrderlyTestCall => {
    const call = calls.at(-1)
    if (call === undefined) throw new Error('there was no call')
    return call
  }
  return { ...all, calls, last }
}
