import { describe, expect, it } from 'vitest'
import { found, startPullLoop } from '../../../support/pull-loop.ts'

describe('PullLoop that is paused, held back or given up', () => {
  it('pulls nothing while paused, and at once when resumed', async () => {
    const { clock, last, asked, pause } = startPullLoop()
    await clock.settle()
    pause.pause()
    await last().answer({ messages: found(5), nextBeginOffset: 6 })
    await clock.advance(600_000)
    expect(asked).toHaveLength(1)

    pause.resume()
    await clock.settle()

    expect(last().pull.offset).toBe(6)
  })

  it('waits while flow control says so, and goes on when there is room for a while', async () => {
    const { clock, last, asked, told, processQueue } = startPullLoop()
    await clock.settle()
    await last().answer({ messages: found(5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), nextBeginOffset: 16 })
    expect(told).toEqual(['arrived', 'held back: count'])
    processQueue.take(11)

    processQueue.finish(0)
    await clock.settle()
    expect(processQueue.backlog.count).toBe(10)
    expect(asked).toHaveLength(1)
    processQueue.finish(1)
    await clock.settle()
    expect(asked).toHaveLength(2)
    expect(last().pull.offset).toBe(16)
  })

  it('looks again when the limits change, though nothing is finished', async () => {
    let count = 1
    const { clock, last, asked, processQueue } = startPullLoop({
      limits: () => ({ count, sizeBytes: 1e9, span: 1000 }),
    })
    await clock.settle()
    await last().answer({ messages: found(5, 6), nextBeginOffset: 7 })
    expect(asked).toHaveLength(1)

    count = 10
    processQueue.limitsChanged()
    await clock.settle()

    expect(asked).toHaveLength(2)
  })

  it('is held back by one message that never ends, however many are finished behind it', async () => {
    const { clock, last, told, processQueue } = startPullLoop({
      limits: () => ({ count: 100, sizeBytes: 1e9, span: 20 }),
    })
    await clock.settle()
    for (let offset = 5; !told.includes('held back: span'); offset += 2) {
      await last().answer({ messages: found(offset, offset + 1), nextBeginOffset: offset + 2 })
      const batch = processQueue.take(2)
      if (offset > 5) processQueue.finish(batch?.first ?? -1)
      processQueue.finish((batch?.first ?? -1) + 1)
    }

    expect(processQueue.backlog.span).toBeGreaterThan(20)
    expect(processQueue.backlog.span).toBeLessThan(24)
    expect(processQueue.commitOffset).toBe(5)
  })

  it('ends without pulling when it is given up while it waits for room', async () => {
    const { clock, last, asked, processQueue, loop, ended } = startPullLoop()
    await clock.settle()
    await last().answer({ messages: found(5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), nextBeginOffset: 16 })

    processQueue.revoke()
    loop.stop(new DOMException('given up', 'AbortError'))

    await expect(ended).resolves.toBeUndefined()
    expect(asked).toHaveLength(1)
  })

  it('gives up a pull at once and ignores its late answer', async () => {
    const { clock, last, told, processQueue, loop, ended } = startPullLoop()
    await clock.settle()
    const late = last()

    processQueue.revoke()
    loop.stop(new DOMException('given up', 'AbortError'))
    await expect(ended).resolves.toBeUndefined()
    await late.answer({ messages: found(5), nextBeginOffset: 6 })

    expect(told).toEqual([])
    expect(processQueue.backlog.count).toBe(0)
  })

  it('ignores the answer to a pull during which the queue was revoked, a move included', async () => {
    for (const answer of [
      { messages: found(5), nextBeginOffset: 6 },
      { status: 'OFFSET_MOVED', nextBeginOffset: 0 } as const,
      { status: 'NO_NEW', nextBeginOffset: 9 } as const,
    ]) {
      const { clock, last, told, processQueue, ended } = startPullLoop()
      await clock.settle()
      processQueue.revoke()
      await last().answer(answer)

      await expect(ended).resolves.toBeUndefined()
      expect(told).toEqual([])
      expect(processQueue.backlog.count).toBe(0)
    }
  })

  it('begins no pull that nobody could give up, whenever the abort comes', async () => {
    for (let turns = 0; turns < 8; turns++) {
      const { clock, asked, loop, ended, last } = startPullLoop()
      await clock.settle()
      void last().answer({ messages: found(5), nextBeginOffset: 6 })
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      loop.stop(new DOMException('given up', 'AbortError'))

      await expect(ended).resolves.toBeUndefined()
      expect(asked.length).toBeLessThanOrEqual(2)
    }
  })

  it.each(['paused', 'held back'] as const)('ends when it is %s in the same moment', async (state) => {
    for (let turns = 0; turns < 8; turns++) {
      const { clock, loop, ended, last, pause, processQueue } = startPullLoop()
      await clock.settle()
      if (state === 'paused') pause.pause()
      const offsets = state === 'paused' ? [5] : [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
      void last().answer({ messages: found(...offsets), nextBeginOffset: 20 })
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      processQueue.revoke()
      loop.stop(new DOMException('given up', 'AbortError'))

      await expect(ended).resolves.toBeUndefined()
    }
  })

  it('remembers when the last pull began', async () => {
    const { clock, last, processQueue } = startPullLoop()
    await clock.settle()
    await clock.advance(7000)
    expect(processQueue.lastPullTimestamp).toBe(clock.now() - 7000)

    await last().answer({ status: 'NO_NEW', nextBeginOffset: 5 })

    expect(processQueue.lastPullTimestamp).toBe(clock.now())
  })
})
