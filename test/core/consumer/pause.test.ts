import { describe, expect, it } from 'vitest'
import { Pause } from '../../../src/core/consumer/pause.ts'

async function isPending(promise: Promise<void>): Promise<boolean> {
  const pending = Symbol('pending')
  await new Promise((resolve) => setImmediate(resolve))
  return (await Promise.race([promise, Promise.resolve(pending)])) === pending
}

describe('Pause', () => {
  it('lets everybody pass while it is open', async () => {
    await expect(new Pause().passed(new AbortController().signal)).resolves.toBeUndefined()
  })

  it('holds everybody until it is opened again', async () => {
    const pause = new Pause()
    pause.pause()
    const waiting = [pause.passed(new AbortController().signal), pause.passed(new AbortController().signal)]
    for (const each of waiting) expect(await isPending(each)).toBe(true)
    expect(pause.paused).toBe(true)

    pause.resume()

    await expect(Promise.all(waiting)).resolves.toHaveLength(2)
    expect(pause.paused).toBe(false)
  })

  it('lets a waiter go with the reason of its signal', async () => {
    const pause = new Pause()
    pause.pause()
    const gone = new AbortController()
    const waiting = pause.passed(gone.signal)

    gone.abort(new Error('given up'))

    await expect(waiting).rejects.toThrow('given up')
    pause.resume()
  })

  it('does not hold whose signal has aborted already', async () => {
    const pause = new Pause()
    pause.pause()

    await expect(pause.passed(AbortSignal.abort(new Error('over')))).rejects.toThrow('over')
  })
})
