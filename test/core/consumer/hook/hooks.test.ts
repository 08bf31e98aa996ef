import { describe, expect, it, vi } from 'vitest'
import type {
  ConsumeConcurrentlyContext,
  MessageListenerConcurrently,
} from '../../../../src/core/consumer/consume/message-listener.ts'
import { filterHooks } from '../../../../src/core/consumer/hook/filter-hooks.ts'
import { hookedListener, hookedOrderlyListener } from '../../../../src/core/consumer/hook/hooked-listener.ts'
import type { ConsumeMessageHook, ConsumeMessageOutcome } from '../../../../src/core/consumer/hook/hooks.ts'
import { silentLogger } from '../../../../src/core/support/index.ts'
import { consumingInOrder } from '../../../support/consuming-in-order.ts'
import { message } from '../../../support/messages.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

const queue = { topic: 'orders', brokerName: 'broker-a', queueId: 0 }
const given = [message({ queueOffset: 1 }), message({ queueOffset: 2 })]

function context(acknowledge = vi.fn()): ConsumeConcurrentlyContext {
  const { signal } = new AbortController()
  return { messageQueue: queue, signal, delayLevelWhenNextConsume: 0, ackIndex: 9, leaveRest: false, acknowledge }
}

function setUp(listener: MessageListenerConcurrently, more: readonly ConsumeMessageHook[] = []) {
  const clock = new VirtualClock()
  const warn = vi.fn()
  const told: unknown[] = []
  const hook: ConsumeMessageHook = {
    hookName: 'noting',
    consumeMessageBefore: ({ consumerGroup, messages, messageQueue }) => {
      told.push(['before', consumerGroup, messages.length, messageQueue])
    },
    consumeMessageAfter: (_, outcome) => {
      told.push(outcome)
    },
  }
  const logger = { ...silentLogger, warn }
  const options = { consumerGroup: 'g', consumeTimeoutMs: 1000, clock, logger, hooks: [...more, hook] }
  return { clock, warn, told, options, listener: hookedListener(listener, options) }
}

const outcome = (parts: Partial<ConsumeMessageOutcome>) => ({ success: false, millis: 0, status: undefined, ...parts })

describe('consume hooks', () => {
  it('cost nothing when there are none', () => {
    const listener = () => 'CONSUME_SUCCESS' as const
    const options = { consumerGroup: 'g', consumeTimeoutMs: 1, clock: new VirtualClock(), logger: silentLogger }

    expect(hookedListener(listener, { ...options, hooks: [] })).toBe(listener)
  })

  it('are told before and after a call that answers at once', () => {
    const { listener, told } = setUp(() => 'CONSUME_SUCCESS')

    expect(listener(given, context())).toBe('CONSUME_SUCCESS')

    expect(told).toEqual([
      ['before', 'g', 2, queue],
      outcome({ success: true, status: 'CONSUME_SUCCESS', returnType: 'SUCCESS' }),
    ])
  })

  it('are told how long a call took and that it took too long, even if it succeeded', async () => {
    const { clock, listener, told } = setUp(() => clock.sleep(1500).then(() => 'CONSUME_SUCCESS' as const))

    const answer = listener(given, context())
    await clock.advance(1500)
    await answer

    expect(told[1]).toEqual(outcome({ success: true, status: 'CONSUME_SUCCESS', returnType: 'TIME_OUT', millis: 1500 }))
  })

  it('are told of failures, of exceptions and of answers that are none, which stay what they are', async () => {
    const failing = setUp(() => 'RECONSUME_LATER')
    expect(failing.listener(given, context())).toBe('RECONSUME_LATER')
    expect(failing.told[1]).toEqual(outcome({ status: 'RECONSUME_LATER', returnType: 'FAILED' }))

    const throwing = setUp(() => {
      throw new Error('no')
    })
    expect(() => throwing.listener(given, context())).toThrow('no')
    expect(throwing.told[1]).toEqual(outcome({ returnType: 'EXCEPTION' }))

    const rejecting = setUp(() => Promise.reject(new Error('no')))
    await expect(rejecting.listener(given, context())).rejects.toThrow('no')
    expect(rejecting.told[1]).toEqual(outcome({ returnType: 'EXCEPTION' }))

    const silent = setUp((() => undefined) as unknown as MessageListenerConcurrently)
    void silent.listener(given, context())
    expect(silent.told[1]).toEqual(outcome({ returnType: 'RETURNNULL' }))
  })

  it('are told of a call that is acknowledged later when it is', () => {
    let kept: ConsumeConcurrentlyContext | undefined
    const acknowledge = vi.fn()
    const { listener, told } = setUp((_, own) => {
      kept = own
      own.ackIndex = 0
      return 'ACKNOWLEDGE_LATER'
    })
    const own = context(acknowledge)

    expect(listener(given, own)).toBe('ACKNOWLEDGE_LATER')
    expect(told).toHaveLength(1)
    kept?.acknowledge('CONSUME_SUCCESS')

    expect(told[1]).toMatchObject({ success: true, returnType: 'SUCCESS' })
    expect(acknowledge).toHaveBeenCalledWith('CONSUME_SUCCESS')
    expect(own.ackIndex).toBe(0)
  })

  it('are told of one in order that is acknowledged later when it is', async () => {
    const { told, options } = setUp(() => 'CONSUME_SUCCESS')
    const { put } = consumingInOrder(
      hookedOrderlyListener((_, own) => {
        setImmediate(() => {
          own.acknowledge('SUSPEND_CURRENT_QUEUE_A_MOMENT')
        })
        return 'ACKNOWLEDGE_LATER'
      }, options),
    )

    await put(0, 1)
    await vi.waitFor(() => {
      expect(told).toHaveLength(2)
    }, 30_000)

    expect(told[1]).toMatchObject({ success: false, returnType: 'FAILED', status: 'SUSPEND_CURRENT_QUEUE_A_MOMENT' })
  })

  it('do no harm when they fail', () => {
    const fail = () => {
      throw new Error('hook')
    }
    const { listener, told, warn } = setUp(
      () => 'CONSUME_SUCCESS',
      [{ hookName: 'bad', consumeMessageBefore: fail, consumeMessageAfter: fail }],
    )

    expect(listener(given, context())).toBe('CONSUME_SUCCESS')
    expect(told).toHaveLength(2)
    expect(warn.mock.calls).toEqual([
      ['the consume hook bad failed: Error: hook'],
      ['the consume hook bad failed: Error: hook'],
    ])
  })
})

describe('filter hooks', () => {
  const options = (warn = vi.fn()) => ({ consumerGroup: 'g', logger: { ...silentLogger, warn } })

  it('cost nothing when there are none', () => {
    expect(filterHooks([], options())).toBeUndefined()
  })

  it('take messages out one after another; one that fails decides nothing', () => {
    const warn = vi.fn()
    const seen: number[] = []
    const sieve = filterHooks(
      [
        {
          hookName: 'first',
          filterMessage: ({ messages }) => {
            messages.splice(0, 1)
          },
        },
        {
          hookName: 'bad',
          filterMessage: ({ messages }) => {
            messages.length = 0
            throw new Error('hook')
          },
        },
        {
          hookName: 'last',
          filterMessage: ({ messages }) => {
            seen.push(...messages.map(({ queueOffset }) => queueOffset))
          },
        },
      ],
      options(warn),
    )

    expect(sieve?.([...given], queue).map(({ queueOffset }) => queueOffset)).toEqual([2])
    expect(seen).toEqual([2])
    expect(warn).toHaveBeenCalledWith('the filter hook bad failed: Error: hook')
  })

  it('cannot bring anything in', () => {
    const sieve = filterHooks(
      [{ hookName: 'adding', filterMessage: ({ messages }) => void messages.unshift(message({ queueOffset: 9 })) }],
      options(),
    )

    expect(sieve?.([...given], queue).map(({ queueOffset }) => queueOffset)).toEqual([1, 2])
  })
})
