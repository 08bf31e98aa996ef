import { expect, it } from 'vitest'
import type { Ack } from '../../../../src/core/consumer/pop/acknowledgements.ts'
import { PoppedMessages } from '../../../../src/core/consumer/pop/popped-messages.ts'
import { ProcessQueue } from '../../../../src/core/consumer/process-queue.ts'
import { type PopHandle, tagSubscription } from '../../../../src/core/protocol/index.ts'
import { silentLogger } from '../../../../src/core/support/index.ts'
import { message } from '../../../support/messages.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

/** Popped messages whose broker is made up: a changed handle has another revive queue each time. */
function keeping() {
  const clock = new VirtualClock()
  const acked: Ack[] = []
  const buried: number[] = []
  const changes: { readonly offset: number; readonly ms: number; readonly revive: number }[] = []
  const broker = { down: false, answer: undefined as Promise<void> | undefined }
  const popped = new PoppedMessages({
    clock,
    logger: silentLogger,
    acks: { add: (ack) => acked.push(ack), settled: () => Promise.resolve() },
    invisibleTime: {
      change: async (_, handle, ms) => {
        changes.push({ offset: handle.queueOffset, ms, revive: handle.reviveQueueId })
        await broker.answer
        if (broker.down) throw new Error('down')
        return { ...handle, reviveQueueId: handle.reviveQueueId + 1 }
      },
    },
    invisibleMs: 60_000,
    consumeTimeoutMs: 100_000,
    maxReconsumeTimes: 2,
    deadLetter: ({ queueOffset }) => {
      if (broker.down) return Promise.reject(new Error('down'))
      buried.push(queueOffset)
      return Promise.resolve()
    },
  })
  const queue = new ProcessQueue({ topic: 'T', brokerName: 'b', queueId: -1 }, 0, {
    anyOrder: true,
    finished: (each) => {
      popped.finished(each)
    },
  })
  const handle = (queueOffset: number): PopHandle => {
    const lies = { retry: '0', brokerName: 'b', queueId: 0, queueOffset }
    return { startOffset: 0, popTime: 0, invisibleTime: 60_000, reviveQueueId: 0, ...lies }
  }
  const add = (messages: readonly ReturnType<typeof message>[], tags = '*'): void => {
    const received = messages.map((each) => ({ message: each, handle: handle(each.queueOffset) }))
    popped.add(queue, received, { receivedAt: clock.monotonic(), subscription: tagSubscription('T', tags, 1) })
  }
  const ackedOffsets = () => acked.map(({ handle: { queueOffset, reviveQueueId } }) => [queueOffset, reviveQueueId])
  return { clock, popped, queue, add, acked: ackedOffsets, buried, changes, broker }
}

it('what the tags leave out is acknowledged, what came too often is buried and acknowledged; neither is consumed', async () => {
  const { clock, queue, add, acked, buried } = keeping()
  const worn = message({ queueOffset: 2, properties: { TAGS: 'a' } })
  worn.reconsumeTimes = 3
  add(
    [
      message({ queueOffset: 0, properties: { TAGS: 'a' } }),
      message({ queueOffset: 1, properties: { TAGS: 'b' } }),
      worn,
    ],
    'a',
  )
  await clock.settle()
  expect(queue.take(9)?.messages.map(({ queueOffset }) => queueOffset)).toEqual([0])
  expect([acked(), buried]).toEqual([
    [
      [1, 0],
      [2, 0],
    ],
    [2],
  ])
})

it('a message that nobody could bury is not acknowledged: it comes again', async () => {
  const { clock, popped, queue, add, acked, broker } = keeping()
  add([message({ queueOffset: 0 })])
  const taken = queue.take(1)
  broker.down = true
  await popped.failed(taken!.messages[0]!, -1)
  queue.finish(0)
  await clock.settle()
  expect(acked()).toEqual([])
})

it('is acknowledged with the handle of its last renewal, also while one is on its way', async () => {
  const { clock, queue, add, acked, changes, broker } = keeping()
  add([message({ queueOffset: 0 }), message({ queueOffset: 1 })])
  queue.take(2)
  await clock.advance(40_000)
  expect(changes).toEqual([
    { offset: 0, ms: 60_000, revive: 0 },
    { offset: 1, ms: 60_000, revive: 0 },
  ])
  queue.finish(0)
  let answer = (): void => undefined
  broker.answer = new Promise((resolve) => {
    answer = resolve
  })
  await clock.advance(40_000)
  queue.finish(1)
  await clock.settle()
  expect(acked()).toEqual([[0, 1]])
  answer()
  await clock.settle()
  expect(acked()).toEqual([
    [0, 1],
    [1, 2],
  ])
  await clock.advance(200_000)
  expect(changes).toHaveLength(3)
})

it('a renewal that failed is repeated; one that nobody has begun in time is left to others', async () => {
  const { clock, queue, add, changes, broker } = keeping()
  add([message({ queueOffset: 0 }), message({ queueOffset: 1 })])
  queue.take(1)
  broker.down = true
  await clock.advance(45_000)
  expect(changes.length).toBeGreaterThan(4)
  await clock.advance(30_000)
  expect([queue.take(1), queue.backlog.count]).toEqual([undefined, 1])
})

it('what waits longer than the consume timeout is left to others, what runs is not', async () => {
  const { clock, queue, add, changes } = keeping()
  add([message({ queueOffset: 0 }), message({ queueOffset: 1 })])
  queue.take(1)
  await clock.advance(130_000)
  expect(queue.backlog.count).toBe(1)
  changes.length = 0
  await clock.advance(60_000)
  expect(changes.map(({ offset }) => offset)).toContain(0)
  expect(changes.map(({ offset }) => offset)).not.toContain(1)
})

it('at the end what is unfinished is handed back, to be seen by others soon', async () => {
  const { clock, popped, queue, add, changes, acked } = keeping()
  add([0, 1, 2].map((queueOffset) => message({ queueOffset })))
  queue.take(2)
  queue.revoke()
  popped.handBackWaiting()
  queue.finish(0)
  await popped.close()
  await clock.settle()
  expect(changes).toEqual([
    { offset: 2, ms: 1000, revive: 0 },
    { offset: 1, ms: 1000, revive: 0 },
  ])
  expect(acked()).toEqual([[0, 0]])
})
