import { describe, expect, it } from 'vitest'
import { found, queue, startPullLoop, subscription } from '../../../support/pull-loop.ts'

describe('PullLoop', () => {
  it('does not let the broker hold the first pull, and every later one for 15 s', async () => {
    const { clock, last, asked } = startPullLoop()
    await clock.settle()

    expect(last().pull).toMatchObject({ queue, offset: 5, maxMessages: 32, suspendMs: 0, subscription })
    await last().answer({ status: 'NO_NEW', nextBeginOffset: 5 })
    expect(last().pull).toMatchObject({ offset: 5, suspendMs: 15_000 })
    expect(asked).toHaveLength(2)
  })

  it('is not held either when the first pull has failed', async () => {
    const { clock, last } = startPullLoop()
    await clock.settle()
    await last().fail(new Error('refused'))
    await clock.advance(1000)

    expect(last().pull.suspendMs).toBe(0)
  })

  it('hands over what was found and pulls on at once behind it', async () => {
    const { clock, last, told, processQueue, loop } = startPullLoop()
    await clock.settle()

    await last().answer({ messages: found(5, 6), nextBeginOffset: 7 })

    expect(told).toEqual(['arrived'])
    expect(processQueue.backlog.count).toBe(2)
    expect(last().pull.offset).toBe(7)
    expect(loop.nextOffset).toBe(7)
  })

  it.each(['FOUND', 'NO_NEW', 'NO_MATCHED'] as const)(
    'passes over what was filtered (%s) when nothing before it is unfinished',
    async (status) => {
      const { clock, last, told } = startPullLoop()
      await clock.settle()
      await last().answer({ status, nextBeginOffset: 800 })

      expect(told).toEqual(['passed 800'])
      expect(last().pull.offset).toBe(800)
    },
  )

  it('does not pass over anything while a message before it is unfinished', async () => {
    const { clock, last, told, processQueue } = startPullLoop()
    await clock.settle()
    await last().answer({ messages: found(5), nextBeginOffset: 6 })
    await last().answer({ status: 'NO_MATCHED', nextBeginOffset: 800 })

    expect(told).toEqual(['arrived'])
    processQueue.take(1)
    processQueue.finish(0)
    await last().answer({ status: 'NO_NEW', nextBeginOffset: 801 })
    expect(told).toEqual(['arrived', 'passed 801'])
  })

  it('lets the offset to commit ride along as it is when the pull begins', async () => {
    const finished: number[] = []
    const { clock, last } = startPullLoop({ commitOffset: () => finished.at(-1) })
    await clock.settle()
    expect(last().pull.commitOffset).toBeUndefined()
    finished.push(42)

    await last().answer({ status: 'NO_NEW', nextBeginOffset: 5 })

    expect(last().pull.commitOffset).toBe(42)
  })

  it('ends where the offset was moved, after the new one was taken over', async () => {
    let stored = (): void => undefined
    const { clock, last, asked, told, ended } = startPullLoop({
      moved: (_, offset) =>
        new Promise((resolve) => {
          told.push(`moved ${offset}`)
          stored = resolve
        }),
    })
    await clock.settle()
    await last().answer({ messages: found(5, 6), nextBeginOffset: 7 })
    await last().answer({ status: 'OFFSET_MOVED', nextBeginOffset: 3 })
    await clock.advance(60_000)

    expect(told).toEqual(['arrived', 'moved 3'])
    expect(asked).toHaveLength(2)
    stored()
    await expect(ended).resolves.toBeUndefined()
  })

  it('keeps what it has when only retention removed what comes next', async () => {
    const { clock, last, told, processQueue } = startPullLoop()
    await clock.settle()
    await last().answer({ messages: found(5, 6), nextBeginOffset: 7 })

    await last().answer({ status: 'OFFSET_MOVED', nextBeginOffset: 50, minOffset: 50 })

    expect(told).toEqual(['arrived'])
    expect(processQueue.backlog.count).toBe(2)
    expect(processQueue.commitOffset).toBe(5)
    expect(last().pull.offset).toBe(50)
  })

  it('takes a move to the lowest offset for a reset when the one asked for still exists', async () => {
    const { clock, last, told } = startPullLoop({ start: 60 })
    await clock.settle()

    await last().answer({ status: 'OFFSET_MOVED', nextBeginOffset: 50, minOffset: 50 })

    expect(told).toEqual(['moved 50'])
  })

  it('asks twice before it believes that the queue ends before its offset', async () => {
    const { clock, last, asked, told } = startPullLoop({ start: 60 })
    await clock.settle()

    await last().answer({ status: 'OFFSET_MOVED', nextBeginOffset: 0, maxOffset: 0 })
    expect(told).toEqual([])
    await clock.advance(1000)
    expect(last().pull.offset).toBe(60)
    expect(asked).toHaveLength(2)
    await last().answer({ status: 'OFFSET_MOVED', nextBeginOffset: 0, maxOffset: 0 })

    expect(told).toEqual(['moved 0'])
  })

  it('goes on where it was when the broker shows the messages after all', async () => {
    const { clock, last, told } = startPullLoop({ start: 60 })
    await clock.settle()

    await last().answer({ status: 'OFFSET_MOVED', nextBeginOffset: 0, maxOffset: 0 })
    await clock.advance(1000)
    await last().answer({ messages: found(60), nextBeginOffset: 61, maxOffset: 61 })

    expect(told).toEqual(['arrived'])
    expect(last().pull.offset).toBe(61)
  })

  it('waits for its interval between two pulls', async () => {
    const { clock, last, asked } = startPullLoop({ pullInterval: 200 })
    await clock.settle()
    await last().answer({ messages: found(5), nextBeginOffset: 6 })

    await clock.advance(199)
    expect(asked).toHaveLength(1)
    await clock.advance(1)
    expect(asked).toHaveLength(2)
  })

  it('ends by itself when its topic is not subscribed any more', async () => {
    const { clock, asked, ended } = startPullLoop({ subscriptionOf: () => undefined })
    await clock.settle()

    await expect(ended).resolves.toBeUndefined()
    expect(asked).toHaveLength(0)
  })
})

describe('PullLoop.caughtUp', () => {
  it('is not known before the first answer', async () => {
    const { clock, loop } = startPullLoop()
    await clock.settle()

    expect(loop.caughtUp).toBe(false)
  })

  it('holds when everything the queue had at first is finished, whatever has come since', async () => {
    const { clock, last, loop, processQueue } = startPullLoop()
    await clock.settle()
    await last().answer({ messages: found(5, 6), nextBeginOffset: 7, maxOffset: 7 })
    expect(loop.caughtUp).toBe(false)
    await last().answer({ messages: found(7, 8), nextBeginOffset: 9, maxOffset: 9 })
    processQueue.take(4)

    processQueue.finish(1)
    expect(loop.caughtUp).toBe(false)
    processQueue.finish(0)
    expect(loop.caughtUp).toBe(true)
  })

  it('holds at once in an empty queue', async () => {
    const { clock, last, loop } = startPullLoop()
    await clock.settle()
    await last().answer({ status: 'NO_NEW', nextBeginOffset: 5, maxOffset: 5 })

    expect(loop.caughtUp).toBe(true)
  })
})
