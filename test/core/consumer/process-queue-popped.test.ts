import { describe, expect, it } from 'vitest'
import { ProcessQueue } from '../../../src/core/consumer/process-queue.ts'
import { message } from '../../support/messages.ts'

describe('a queue of popped messages', () => {
  const popped = (...offsets: readonly number[]) => {
    const finished: number[] = []
    const queue = new ProcessQueue({ topic: 'orders', brokerName: 'broker-a', queueId: -1 }, 0, {
      anyOrder: true,
      finished: ({ queueOffset }) => finished.push(queueOffset),
    })
    const messages = offsets.map((queueOffset) => message({ queueOffset }))
    queue.put(messages)
    return { queue, messages, finished }
  }
  const offsets = (batch: { readonly messages: readonly { readonly queueOffset: number }[] } | undefined) =>
    batch?.messages.map(({ queueOffset }) => queueOffset)

  it('keeps them in the order they came, of whichever offset, and has nothing to commit', () => {
    const { queue, finished } = popped(7, 3, 7)
    const batch = queue.take(3)
    expect(offsets(batch)).toEqual([7, 3, 7])
    queue.finish(1)
    expect([finished, queue.commitOffset, queue.backlog.count]).toEqual([[3], undefined, 2])
  })

  it('lets what nobody has taken be withdrawn: it is not handed out, and not finished', () => {
    const { queue, messages, finished } = popped(0, 1, 2, 3)
    queue.take(1)
    expect(messages.slice(0, 3).map((each) => queue.withdraw(each))).toEqual([false, true, true])
    const batch = queue.take(5)
    expect(offsets(batch)).toEqual([3])
    queue.finish(0)
    queue.finish(batch?.first ?? -1)
    expect([finished, queue.backlog.count, queue.ready]).toEqual([[0, 3], 0, 0])
    expect(queue.sequence).toEqual({ put: 4, finished: 4 })
  })

  it('hands out what lies on both sides of a withdrawn one in two batches', () => {
    const { queue, messages } = popped(0, 1, 2)
    queue.withdraw(messages[1]!)
    expect([offsets(queue.take(3)), offsets(queue.take(3)), queue.take(3)]).toEqual([[0], [2], undefined])
  })
})
