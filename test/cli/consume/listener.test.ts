import { describe, expect, it, vi } from 'vitest'
import { consumeListener, countingListener, type ListenerOptions } from '../../../src/cli/consume/listener.ts'
import { Stopping } from '../../../src/cli/consume/stopping.ts'
import { Tally } from '../../../src/cli/consume/summary.ts'
import type { ConsumeConcurrentlyContext } from '../../../src/core/consumer/index.ts'
import { HandlerError } from '../../../src/core/errors.ts'
import { silentLogger } from '../../../src/core/support/index.ts'
import { message } from '../../support/messages.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const messages = (...offsets: number[]) =>
  offsets.map((queueOffset) => message({ queueOffset, body: String(queueOffset) }))

function context(): ConsumeConcurrentlyContext {
  return {
    messageQueue: { topic: 'orders', brokerName: 'broker-a', queueId: 0 },
    signal: new AbortController().signal,
    delayLevelWhenNextConsume: 0,
    ackIndex: 2_147_483_647,
    leaveRest: false,
    acknowledge: () => undefined,
  }
}

function setUp(options: Partial<ListenerOptions> = {}) {
  const clock = new VirtualClock()
  const tally = new Tally()
  const stopping = new Stopping()
  const warn = vi.fn()
  const handled: number[] = []
  const listener = consumeListener({
    handler: (given) => {
      handled.push(...given.map((one) => one.queueOffset))
      return 'DONE'
    },
    filter: undefined,
    maxMessages: undefined,
    isPastEnd: undefined,
    onFail: 'retry',
    delayLevel: 0,
    sleepMs: 0,
    failRate: 0,
    random: () => 0.5,
    tally,
    stopping,
    clock,
    logger: { ...silentLogger, warn },
    ...options,
  })
  return { clock, tally, stopping, warn, handled, listener }
}

describe('what a handler says of its messages', () => {
  it('has all of them come again, or go to the dead letters, whatever is done about failures', () => {
    for (const [said, level] of [
      ['RETRY', 5],
      ['DLQ', -1],
    ] as const) {
      const { listener, tally } = setUp({ handler: () => said, onFail: 'skip', delayLevel: 5 })
      const call = context()

      expect(listener(messages(1, 2), call)).toBe('RECONSUME_LATER')
      expect(call.delayLevelWhenNextConsume).toBe(level)
      expect(tally).toMatchObject({ messages: 0, failed: 2 })
    }
  })

  it('finishes the first ones and lets the others fail', async () => {
    const { listener, tally } = setUp({ handler: async () => ({ acked: 2 }), delayLevel: 3 })
    const call = context()

    expect(await listener(messages(1, 2, 3), call)).toBe('CONSUME_SUCCESS')
    expect(call).toMatchObject({ ackIndex: 1, leaveRest: false, delayLevelWhenNextConsume: 3 })
    expect(tally).toMatchObject({ messages: 2, failed: 1 })
  })

  it('may finish none of them, and counts only those it was given', () => {
    const none = context()
    const { listener } = setUp({ handler: () => ({ acked: 0 }) })
    expect(listener(messages(1, 2), none)).toBe('CONSUME_SUCCESS')
    expect(none.ackIndex).toBe(-1)

    const some = context()
    const filtered = setUp({ handler: () => ({ acked: 1 }), filter: (one) => one.queueOffset !== 1 })
    expect(filtered.listener(messages(1, 2, 3), some)).toBe('CONSUME_SUCCESS')
    expect(some.ackIndex).toBe(1)
  })

  it('leaves the others unfinished when a failure ends the command, and finishes them when it is passed over', () => {
    const stop = setUp({ handler: () => ({ acked: 1 }), onFail: 'stop' })
    const call = context()
    expect(stop.listener(messages(1, 2), call)).toBe('CONSUME_SUCCESS')
    expect(call).toMatchObject({ ackIndex: 0, leaveRest: true })
    expect(stop.stopping.error).toBeInstanceOf(HandlerError)

    const skip = setUp({ handler: () => ({ acked: 1 }), onFail: 'skip' })
    const skipped = context()
    expect(skip.listener(messages(1, 2), skipped)).toBe('CONSUME_SUCCESS')
    expect(skipped.ackIndex).toBeGreaterThan(1)
  })
})

describe('the listener of a consume command', () => {
  it('hands the messages on and counts them, at once', () => {
    const { listener, tally, handled } = setUp()

    expect(listener(messages(1, 2), context())).toBe('CONSUME_SUCCESS')
    expect(handled).toEqual([1, 2])
    expect(tally).toMatchObject({ messages: 2, failed: 0, filtered: 0 })
  })

  it('leaves what is acknowledged later to whoever acknowledges', async () => {
    const { listener, tally } = setUp({ handler: () => 'ACKNOWLEDGE_LATER' })
    const later = setUp({ handler: () => Promise.resolve('ACKNOWLEDGE_LATER') })

    expect(listener(messages(1), context())).toBe('ACKNOWLEDGE_LATER')
    await expect(later.listener(messages(1), context())).resolves.toBe('ACKNOWLEDGE_LATER')
    expect(tally.messages + later.tally.messages).toBe(0)
  })

  it('passes over what the filter does not want, as consumed', () => {
    const { listener, tally, handled } = setUp({ filter: (one) => one.queueOffset % 2 === 0 })

    expect(listener(messages(1, 2, 3), context())).toBe('CONSUME_SUCCESS')
    expect(listener(messages(5), context())).toBe('CONSUME_SUCCESS')
    expect(handled).toEqual([2])
    expect(tally).toMatchObject({ messages: 1, filtered: 3, seen: 4 })
  })

  it('takes no more than it may, stops then, and leaves the rest of a batch where it is', () => {
    const { listener, stopping, handled } = setUp({ maxMessages: 3 })
    const rest = context()

    void listener(messages(1, 2), context())
    expect(listener(messages(3, 4, 5), rest)).toBe('CONSUME_SUCCESS')
    expect(listener(messages(6), context())).toBe('LEAVE_UNFINISHED')

    expect(handled).toEqual([1, 2, 3])
    expect(rest).toMatchObject({ ackIndex: 0, leaveRest: true })
    expect(stopping.reason).toBe('max-messages')
  })

  it('counts only wanted messages against the limit', () => {
    const { listener, stopping, handled } = setUp({ maxMessages: 2, filter: (one) => one.queueOffset > 2 })

    void listener(messages(1, 2, 3), context())
    expect(stopping.reason).toBeUndefined()
    void listener(messages(4), context())

    expect(handled).toEqual([3, 4])
    expect(stopping.reason).toBe('max-messages')
  })

  it('does not touch what is at or past the end', () => {
    const { listener, handled } = setUp({ isPastEnd: (one) => one.queueOffset >= 5 })
    const rest = context()

    expect(listener(messages(4, 5, 6), rest)).toBe('CONSUME_SUCCESS')
    expect(listener(messages(7), context())).toBe('LEAVE_UNFINISHED')

    expect(handled).toEqual([4])
    expect(rest).toMatchObject({ ackIndex: 0, leaveRest: true })
  })

  it('leaves everything unfinished once the command is to stop', () => {
    const { listener, stopping, handled } = setUp()
    stopping.stop('signal')

    expect(listener(messages(1), context())).toBe('LEAVE_UNFINISHED')
    expect(handled).toEqual([])
  })

  it('only counts, at no more cost, when that is all that is asked', () => {
    const tally = new Tally()

    expect(countingListener(tally)(messages(1, 2), context())).toBe('CONSUME_SUCCESS')
    expect(tally.messages).toBe(2)
  })
})

describe('a failed call', () => {
  const broken = { handler: () => Promise.reject(new HandlerError('the command ended with 3')) }

  it('is sent back at the level asked for, and told', async () => {
    const { listener, tally, warn } = setUp({ ...broken, delayLevel: 2 })
    const given = context()

    await expect(listener(messages(7), given)).resolves.toBe('RECONSUME_LATER')
    expect(given.delayLevelWhenNextConsume).toBe(2)
    expect(tally).toMatchObject({ messages: 0, failed: 1 })
    expect(warn).toHaveBeenCalledWith(
      'message 7F00000100002A9F0000000000001000 at broker-a:0@7 failed: the command ended with 3',
    )
  })

  it('goes to the dead letters, or counts as consumed, where that is asked for', async () => {
    const given = context()

    await expect(setUp({ ...broken, onFail: 'dlq' }).listener(messages(1), given)).resolves.toBe('RECONSUME_LATER')
    expect(given.delayLevelWhenNextConsume).toBe(-1)
    await expect(setUp({ ...broken, onFail: 'skip' }).listener(messages(1), context())).resolves.toBe('CONSUME_SUCCESS')
  })

  it('ends the command where that is asked for, with the message left unfinished', async () => {
    const { listener, stopping, tally } = setUp({ ...broken, onFail: 'stop' })

    await expect(listener(messages(1), context())).resolves.toBe('LEAVE_UNFINISHED')
    expect(stopping.reason).toBe('error')
    expect(stopping.error).toBeInstanceOf(HandlerError)
    expect(stopping.error).toMatchObject({
      message: expect.stringMatching(/failed: the command ended with 3$/) as unknown,
    })
    expect(tally.failed).toBe(1)
  })

  it('is one whose handler throws at once, too', () => {
    const { listener } = setUp({
      handler: () => {
        throw new Error('cannot be decompressed')
      },
    })

    expect(listener(messages(1), context())).toBe('RECONSUME_LATER')
  })
})

describe('playing a slow or failing consumer', () => {
  it('takes its time for each call', async () => {
    const { clock, listener, handled } = setUp({ sleepMs: 100 })
    const answer = listener(messages(1), context())
    await clock.advance(99)
    expect(handled).toEqual([])

    await clock.advance(1)

    await expect(answer).resolves.toBe('CONSUME_SUCCESS')
    expect(handled).toEqual([1])
  })

  it('fails the share of calls that was asked for, without handling them', async () => {
    const chances = [0.05, 0.1, 0.9]
    const { listener, handled, tally } = setUp({ failRate: 0.1, random: () => chances.shift() ?? 0 })

    await expect(listener(messages(1), context())).resolves.toBe('RECONSUME_LATER')
    await expect(listener(messages(2), context())).resolves.toBe('CONSUME_SUCCESS')
    await expect(listener(messages(3), context())).resolves.toBe('CONSUME_SUCCESS')

    expect(handled).toEqual([2, 3])
    expect(tally).toMatchObject({ messages: 2, failed: 1 })
  })
})
