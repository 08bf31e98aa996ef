import { Pause } from '../../src/core/consumer/pause.ts'
import { ProcessQueue } from '../../src/core/consumer/process-queue.ts'
import { PullLoop, type PullLoopParts } from '../../src/core/consumer/pull/pull-loop.ts'
import type { Pull, PullResult } from '../../src/core/consumer/pull/pull-message.ts'
import { tagSubscription } from '../../src/core/protocol/index.ts'
import { silentLogger } from '../../src/core/support/index.ts'
import { message } from './messages.ts'
import { VirtualClock } from './virtual-clock.ts'

/** The queue it pulls. */
export const queue = { topic: 'orders', brokerName: 'broker-a', queueId: 0 }
export const subscription = tagSubscription('orders', '*', 1)

/** A pull, to be answered by the test. */
export interface Asked {
  readonly at: number
  readonly pull: Pull
  readonly answer: (result: Partial<PullResult>) => Promise<void>
  readonly fail: (error: Error) => Promise<void>
}

/** A pull loop that runs, with everything around it made up; it holds back at more than 10 messages. */
export function startPullLoop(options: Partial<PullLoopParts> & { readonly start?: number } = {}) {
  const clock = new VirtualClock()
  const processQueue = new ProcessQueue(queue, clock.now())
  const pause = new Pause()
  const asked: Asked[] = []
  const told: string[] = []
  const parts: PullLoopParts = {
    clock,
    logger: silentLogger,
    pulls: {
      ask: (pull, { answered, failed }) => {
        asked.push({
          at: clock.monotonic(),
          pull,
          answer: async (result) => {
            answered({ status: 'FOUND', nextBeginOffset: 0, minOffset: 0, maxOffset: 100, messages: [], ...result })
            await clock.settle()
          },
          fail: async (error) => {
            failed(error)
            await clock.settle()
          },
        })
      },
    },
    subscriptionOf: () => subscription,
    limits: () => ({ count: 10, sizeBytes: 1024 * 1024, span: 1000 }),
    pullBatchSize: 32,
    pullInterval: 0,
    commitOffset: () => undefined,
    paused: (queue) => pause.holds(queue),
    resumed: (queue, signal) => pause.passed(queue, signal),
    arrived: () => told.push('arrived'),
    passed: (_, offset) => told.push(`passed ${offset}`),
    moved: async (_, offset) => {
      told.push(`moved ${offset}`)
    },
    heartbeat: async () => {
      told.push(`heartbeat at ${clock.monotonic()}`)
    },
    observe: {
      pulled: () => undefined,
      heldBack: (_, reason) => told.push(`held back: ${reason}`),
      freed: () => undefined,
      failed: () => undefined,
    },
    ...options,
  }
  const loop = new PullLoop(parts, processQueue, options.start ?? 5)
  const ended = loop.run()
  const last = (): Asked => {
    const pull = asked.at(-1)
    if (pull === undefined) throw new Error('nothing was pulled')
    return pull
  }
  return { clock, processQueue, pause, asked, told, loop, ended, last }
}

/** Messages at these offsets. */
export const found = (...offsets: number[]) => offsets.map((queueOffset) => message({ queueOffset }))
