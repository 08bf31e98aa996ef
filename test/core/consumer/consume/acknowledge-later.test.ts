import { describe, expect, it } from 'vitest'
import { ConsumeMessageConcurrentlyService } from '../../../../src/core/consumer/consume/consume-message-concurrently-service.ts'
import type {
  ConsumeConcurrentlyContext,
  MessageListenerConcurrently,
} from '../../../../src/core/consumer/consume/message-listener.ts'
import { ProcessQueue } from '../../../../src/core/consumer/process-queue.ts'
import { silentLogger } from '../../../../src/core/support/index.ts'
import { message } from '../../../support/messages.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

const queue = { topic: 'orders', brokerName: 'broker-a', queueId: 0 }

function setUp(listener: MessageListenerConcurrently, options: { concurrency?: number; batch?: number } = {}) {
  const clock = new VirtualClock()
  const processQueue = new ProcessQueue(queue, clock.now())
  const committed: number[] = []
  const sentBack: number[] = []
  const service = new ConsumeMessageConcurrentlyService(
    {
      clock,
      logger: silentLogger,
      listener,
      batchMaxSize: options.batch ?? 1,
      consumeTimeoutMs: 1000,
      sendBack: async (failed) => {
        sentBack.push(failed.queueOffset)
      },
      finished: (_, offset) => committed.push(offset),
      heldQueues: () => 1,
      consumed: () => undefined,
    },
    options.concurrency ?? 1,
  )
  const put = (count: number): void => {
    processQueue.put(Array.from({ length: count }, (_, offset) => message({ queueOffset: offset })))
    service.submit(processQueue)
  }
  return { clock, processQueue, committed, sentBack, service, put }
}

describe('a call that is acknowledged later', () => {
  it('takes none of the concurrent calls while it waits', async () => {
    const waiting: ConsumeConcurrentlyContext[] = []
    const { clock, service, put } = setUp((_, context) => {
      waiting.push(context)
      return 'ACKNOWLEDGE_LATER'
    })

    put(5)
    await clock.settle()

    expect(waiting).toHaveLength(5)
    expect(service.inFlight).toBe(0)
  })

  it('holds the offset back until it is acknowledged, in whatever order', async () => {
    const waiting: ConsumeConcurrentlyContext[] = []
    const { clock, committed, put } = setUp((_, context) => {
      waiting.push(context)
      return 'ACKNOWLEDGE_LATER'
    })
    put(3)
    await clock.settle()
    expect(committed).toEqual([])

    waiting[1]?.acknowledge('CONSUME_SUCCESS')
    await clock.settle()
    expect(committed.at(-1)).toBe(0)

    waiting[0]?.acknowledge('CONSUME_SUCCESS')
    await clock.settle()
    expect(committed.at(-1)).toBe(2)
  })

  it('is sent back when it is acknowledged as failed, and left where it is as unfinished', async () => {
    const waiting: ConsumeConcurrentlyContext[] = []
    const { clock, committed, sentBack, put } = setUp(async (_, context) => {
      waiting.push(context)
      return 'ACKNOWLEDGE_LATER' as const
    })
    put(2)
    await clock.settle()
    await clock.settle()

    waiting[0]?.acknowledge('RECONSUME_LATER')
    waiting[1]?.acknowledge('LEAVE_UNFINISHED')
    await clock.settle()

    expect(sentBack).toEqual([0])
    expect(committed.at(-1)).toBe(1)
  })

  it('is waited for when the consumer closes or the queue is given up, and its consume timeout never passes', async () => {
    let context: ConsumeConcurrentlyContext | undefined
    const { clock, processQueue, sentBack, service, put } = setUp((_, given) => {
      context = given
      return 'ACKNOWLEDGE_LATER'
    })
    put(1)
    await clock.settle()
    await clock.advance(5000)
    await service.expire()
    const drained = [service.drained(100), service.drained(100, processQueue)]

    context?.acknowledge('CONSUME_SUCCESS')

    expect(await Promise.all(drained)).toEqual([true, true])
    expect(sentBack).toEqual([])
    expect(processQueue.backlog.count).toBe(0)
  })

  it('lets a drain run out of time when nobody acknowledges', async () => {
    const { clock, service, put } = setUp(() => 'ACKNOWLEDGE_LATER')
    put(1)
    await clock.settle()

    const drained = service.drained(100)
    await clock.advance(100)

    expect(await drained).toBe(false)
  })
})

describe('a call that leaves the rest of its messages', () => {
  it('finishes those up to ackIndex and sends none back', async () => {
    const { clock, committed, sentBack, processQueue, put } = setUp(
      (_, context) => {
        context.ackIndex = 1
        context.leaveRest = true
        return 'CONSUME_SUCCESS'
      },
      { batch: 4 },
    )

    put(4)
    await clock.settle()

    expect(committed.at(-1)).toBe(2)
    expect(sentBack).toEqual([])
    expect(processQueue.backlog.count).toBe(2)
  })
})
