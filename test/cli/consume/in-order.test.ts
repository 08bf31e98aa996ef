import { describe, expect, it } from 'vitest'
import { inOrder, mayGoOn } from '../../../src/cli/consume/in-order.ts'
import type { ConsumeConcurrentlyContext, MessageListenerConcurrently } from '../../../src/core/consumer/index.ts'
import { consumingInOrder } from '../../support/consuming-in-order.ts'

/** The listener's calls wait to be acknowledged. */
function handingOn() {
  const contexts: ConsumeConcurrentlyContext[] = []
  const listener: MessageListenerConcurrently = (_, context) => {
    contexts.push(context)
    return 'ACKNOWLEDGE_LATER'
  }
  return { ...consumingInOrder(inOrder(listener)), contexts }
}

describe('the listener of a command that consumes in order', () => {
  it('has its queue go on at once when it acknowledges later, and commits what it acknowledges', async () => {
    const { put, contexts, committed, clock } = handingOn()
    await put(0, 3)
    expect(contexts).toHaveLength(3)
    for (const context of contexts) context.acknowledge('CONSUME_SUCCESS')
    await clock.settle()

    expect(committed[0]).toEqual([3])
  })

  it('has a later failure suspend its queue, or end it when the messages are left', async () => {
    const { put, contexts, committed, clock } = handingOn()
    await put(0, 2)
    contexts[0]?.acknowledge('RECONSUME_LATER')
    await clock.advance(1000)
    expect(contexts).toHaveLength(4)

    contexts[2]?.acknowledge('LEAVE_UNFINISHED')
    await clock.advance(60_000)
    await put(0, 1)

    expect(contexts).toHaveLength(4)
    expect(committed[0]?.at(-1) ?? 0).toBe(0)
  })

  it.each([0, 3, -1])('that fails with delay level %i makes a dead letter of it at -1 only', async (level) => {
    const { put, dead, clock } = consumingInOrder(
      inOrder((_, context) => {
        context.delayLevelWhenNextConsume = level
        return Promise.resolve('RECONSUME_LATER' as const)
      }),
    )
    await put(0, 1)
    await clock.advance(100)

    expect(dead).toHaveLength(level < 0 ? 1 : 0)
  })
})

describe('what was handed on', () => {
  it('may go on at once while the lock is held, as soon as that is certain, or not at all without it', async () => {
    const { put, contexts, at, clock } = handingOn()
    await put(0, 1)
    const [context] = contexts
    if (context === undefined) throw new Error('there was no call')
    expect(mayGoOn(context)).toBe(true)

    await clock.advance(30_001)
    const doubtful = mayGoOn(context)
    at(0).lease?.confirm(clock.monotonic())
    expect(await doubtful).toBe(true)

    at(0).lease?.lose()
    expect(await mayGoOn(context)).toBe(false)
  })

  it('may not go on after earlier messages of its queue have failed', async () => {
    const { put, contexts, clock } = handingOn()
    await put(0, 2)
    contexts[0]?.acknowledge('RECONSUME_LATER')
    await clock.settle()
    const [, context] = contexts
    if (context === undefined) throw new Error('there was no call')

    expect(await mayGoOn(context)).toBe(false)
  })
})
