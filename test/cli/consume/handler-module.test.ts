import { describe, expect, it, vi } from 'vitest'
import { moduleHandler } from '../../../src/cli/consume/handler-module.ts'
import type { ConsumeConcurrentlyContext, Handler } from '../../../src/core/consumer/index.ts'
import { HandlerError } from '../../../src/core/errors.ts'
import { message } from '../../support/messages.ts'

const given = [message({ queueOffset: 1 }), message({ queueOffset: 2 })]
const messageQueue = { topic: 'orders', brokerName: 'broker-a', queueId: 0 }

function call(handler: (...args: Parameters<Handler>) => unknown, orderly = false) {
  const signal = vi.fn(() => new AbortController().signal)
  const context = {
    messageQueue,
    get signal() {
      return signal()
    },
  } as ConsumeConcurrentlyContext
  return { signal, answer: () => moduleHandler(handler as Handler, { group: 'g', orderly })(given, context) }
}

describe('a handler from a module', () => {
  it('gets the messages and what is known of the call, and costs no signal unless it asks', () => {
    const handler = vi.fn(() => undefined)
    const { answer, signal } = call(handler)

    expect(answer()).toBe('DONE')
    expect(handler).toHaveBeenCalledWith(given, expect.objectContaining({ group: 'g', messageQueue }))
    expect(signal).not.toHaveBeenCalled()
  })

  it.each([
    [undefined, 'DONE'],
    ['success', 'DONE'],
    ['retry', 'RETRY'],
    ['dlq', 'DLQ'],
    [{ ackIndex: -1 }, { acked: 0 }],
    [{ ackIndex: 0 }, { acked: 1 }],
    [{ ackIndex: 1 }, 'DONE'],
    [{ ackIndex: 99 }, 'DONE'],
  ])('is taken at its word when it says %j, now or later', async (said, answer) => {
    expect(call(() => said).answer()).toEqual(answer)
    expect(await call(async () => said).answer()).toEqual(answer)
    // biome-ignore lint/suspicious/noThenProperty: what await takes for a promise as well
    expect(await call(() => ({ then: (done: (value: unknown) => void) => done(said) })).answer()).toEqual(answer)
  })

  it.each([null, 5, true, 'ok', {}, { ackIndex: '1' }, { ackIndex: -2 }, { ackIndex: 0.5 }, 1n, () => 1])(
    'has failed when it says what nobody understands',
    (said) => {
      expect(call(() => said).answer).toThrow(HandlerError)
      expect(call(() => said).answer).toThrow(/^the handler returned .*; it may return nothing, 'success'/)
    },
  )

  it('cannot suspend a queue that is not consumed in order', () => {
    expect(call(() => 'suspend').answer).toThrow('which is for orderly consumption')
  })

  it('suspends a queue that is consumed in order, and cannot let others pass', () => {
    expect(call(() => 'suspend', true).answer()).toBe('RETRY')
    expect(call(() => 'retry', true).answer).toThrow("lets other messages of the queue pass; say 'suspend'")
  })
})
