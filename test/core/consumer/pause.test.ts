import { describe, expect, it } from 'vitest'
import { Pause } from '../../../src/core/consumer/pause.ts'

const queue = { topic: 'orders', brokerName: 'broker-a', queueId: 0 }

async function isPending(promise: Promise<void>): Promise<boolean> {
  const pending = Symbol('pending')
  await new Promise((resolve) => setImmediate(resolve))
  return (await Promise.race([promise, Promise.resolve(pending)])) === pending
}

describe('Pause', () => {
  it('lets everybody pass while it is open', async () => {
    await expect(new Pause().passed(queue, new AbortController().signal)).resolves.toBeUndefined()
  })

  it('holds everybody until it is opened again', async () => {
    const pause = new Pause()
    pause.pause()
    const waiting = [
      pause.passed(queue, new AbortController().signal),
      pause.passed(queue, new AbortController().signal),
    ]
    for (const each of waiting) expect(await isPending(each)).toBe(true)
    expect(pause.paused).toBe(true)

    pause.resume()

    await expect(Promise.all(waiting)).resolves.toHaveLength(2)
    expect(pause.paused).toBe(false)
  })

  it('holds one queue, or those of one topic, until that is opened again', async () => {
    const pause = new Pause()
    const [other, elsewhere] = [
      { ...queue, queueId: 1 },
      { ...queue, topic: 'payments' },
    ]
    pause.pause(queue)
    pause.pause('payments')
    expect([queue, other, elsewhere].map((each) => pause.holds(each))).toEqual([true, false, true])
    const waiting = pause.passed(queue, new AbortController().signal)

    pause.resume('payments')
    expect(await isPending(waiting)).toBe(true)
    pause.resume(queue)

    await expect(waiting).resolves.toBeUndefined()
  })

  it('lets a waiter go with the reason of its signal', async () => {
    const pause = new Pause()
    pause.pause()
    const gone = new AbortController()
    const waiting = pause.passed(queue, gone.signal)

    gone.abort(new Error('given up'))

    await expect(waiting).rejects.toThrow('given up')
    pause.resume()
  })

  it('does not hold whose signal has aborted already', async () => {
    const pause = new Pause()
    pause.pause()

    await expect(pause.passed(queue, AbortSignal.abort(new Error('over')))).rejects.toThrow('over')
  })

  it('holds the queues of one topic, or one queue, and lets the others pass', async () => {
    const pause = new Pause()
    const other = { ...queue, topic: 'invoices' }
    pause.pause('orders')
    pause.pause({ ...other, queueId: 3 })

    expect([queue, other, { ...other, queueId: 3 }].map((one) => pause.holds(one))).toEqual([true, false, true])
    const waiting = pause.passed(queue, new AbortController().signal)
    pause.resume(other)
    expect(await isPending(waiting)).toBe(true)
    pause.resume('orders')
    await waiting
    expect(pause.paused).toBe(false)
  })

  it('holds a queue as long as any of its gates is closed, and opens all of them at once', async () => {
    const pause = new Pause()
    pause.pause()
    pause.pause('orders')
    pause.pause(queue)
    const waiting = pause.passed(queue, new AbortController().signal)
    pause.resume('orders')
    expect(await isPending(waiting)).toBe(true)
    pause.resume()

    await waiting
    expect(pause.holds(queue)).toBe(false)
  })
})
